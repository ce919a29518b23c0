import { instead, item, optional, param, phase } from '../words.ts';

const runbook = (...headings: string[]) => ({
  check: { document: { path: param('runbooks'), headings: [headings] } },
  confirm: instead('180d'),
});
const diagram = (name: string) => ({
  role: 'development' as const,
  severity: 'warning' as const,
  check: { document: { path: param(name), maxAge: '365d' } },
  confirm: instead('180d'),
});

/** Phase 10 of the checklist: documentation. */
export const documentation = phase('documentation', 'Documentation', 'Документация', [
  item('openapi', 'The API is described (OpenAPI)', 'API описан (OpenAPI)', {
    role: 'development',
    if: 'openapi != false',
    check: { openapi: { document: param('openapi') } },
  }),
  item('api-docs', 'The description can be read in a browser', 'Описание API доступно в браузере (Swagger UI)', {
    role: 'development',
    severity: 'warning',
    if: 'openapi != false',
    check: { http: { url: param('apiDocsUrl'), tls: optional('trust') } },
  }),
  item('api-examples', 'Every endpoint has an example', 'У каждого endpoint есть пример', {
    role: 'development',
    severity: 'warning',
    if: 'openapi != false',
    check: { openapi: { document: param('openapi'), examples: true } },
  }),
  item(
    'runbook-troubleshooting',
    'A runbook says how to look for faults',
    'Runbook: поиск неисправностей',
    runbook('troubleshooting', 'неисправност', 'диагностик'),
  ),
  item(
    'runbook-deployment',
    'A runbook says how to deploy',
    'Runbook: deployment',
    runbook('deploy', 'развертыван', 'развёртыван'),
  ),
  item('runbook-rollback', 'A runbook says how to roll back', 'Runbook: rollback', runbook('rollback', 'roll back', 'откат')),
  item('runbook-scaling', 'A runbook says how to scale', 'Runbook: масштабирование', runbook('scal', 'масштаб')),
  item('diagram-c4', 'C4 diagrams are up to date', 'Диаграммы C4 актуальны', diagram('c4Diagrams')),
  item('diagram-uml', 'UML diagrams are up to date', 'Диаграммы UML актуальны', diagram('umlDiagrams')),
  item('diagram-network', 'The diagram of the network is up to date', 'Сетевая диаграмма актуальна', diagram('networkDiagram')),
  item('changelog', 'The CHANGELOG names the version', 'CHANGELOG называет версию', {
    role: 'development',
    check: { changelog: { file: param('changelog') } },
  }),
  item('release-notes', 'The release notes are ready', 'Release notes подготовлены', {
    role: 'product',
    severity: 'warning',
    check: { document: { path: param('releaseNotes') } },
    confirm: instead('30d'),
  }),
]);
