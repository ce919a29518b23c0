import { cutover } from './cutover.ts';
import { devopsAudit } from './devops-audit.ts';
import { postDeploy } from './post-deploy.ts';
import { preflight } from './preflight.ts';
import { production } from './production/index.ts';

/** The built-in checklists in the form of documents, by name. */
export const builtinChecklists: Readonly<Record<string, unknown>> = {
  production,
  preflight,
  cutover,
  'post-deploy': postDeploy,
  'devops-audit': devopsAudit,
};
