import { cutover } from './cutover.ts';
import { devopsAudit } from './devops-audit.ts';
import { postDeploy } from './post-deploy.ts';
import { preflight } from './preflight.ts';
import { production } from './production/index.ts';

/** The built-in checklists in the form of documents, by name. */
const all = { production, preflight, cutover, 'post-deploy': postDeploy, 'devops-audit': devopsAudit } as const;
export const builtinChecklists: Readonly<Record<string, unknown>> = all;

/** What any of them asks a service about itself: it says so once for all of them. */
export const builtinParameters: readonly string[] = [
  ...new Set(Object.values(all).flatMap(({ spec }) => Object.keys(spec.parameters))),
].sort();
