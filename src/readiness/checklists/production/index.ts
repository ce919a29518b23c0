import { code } from './code.ts';
import { compliance } from './compliance.ts';
import { configuration } from './configuration.ts';
import { documentation } from './documentation.ts';
import { infrastructure } from './infrastructure.ts';
import { kubernetes } from './kubernetes.ts';
import { observability } from './observability.ts';
import { parameters } from './parameters.ts';
import { performance } from './performance.ts';
import { recovery } from './recovery.ts';
import { security } from './security.ts';

/** The whole checklist before a release to production, in ten phases, as a document. */
export const production = {
  apiVersion: 'rampart/v1',
  kind: 'Checklist',
  metadata: {
    name: 'production',
    title: { en: 'Production readiness', ru: 'Готовность к production' },
    description: {
      en: 'All that has to be there before a version goes to production. What a service does not have is declined with false, such as kubernetes: false; what it says nothing about is unproven.',
      ru: 'Всё, что должно быть до выпуска в production. От того, чего у сервиса нет, отказываются явно, например kubernetes: false; то, о чём ничего не сказано, не доказано.',
    },
  },
  spec: {
    parameters,
    phases: [
      code,
      configuration,
      infrastructure,
      kubernetes,
      observability,
      security,
      performance,
      recovery,
      compliance,
      documentation,
    ],
    signOffs: [
      { role: 'development', title: { en: 'Head of development', ru: 'Руководитель разработки' } },
      { role: 'devops', title: { en: 'Head of DevOps', ru: 'Руководитель DevOps' } },
      { role: 'security', title: { en: 'Head of security', ru: 'Руководитель безопасности' } },
      { role: 'product', title: { en: 'Product owner', ru: 'Product Owner' } },
    ],
  },
} as const;
