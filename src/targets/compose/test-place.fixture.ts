import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ComposeEngine } from '../../../test/programs/compose.ts';
import type { WorkloadTarget } from '../target.ts';
import { compose } from './index.ts';
import { ComposeDefinition } from './schema.ts';

/** A file as a user has one: fixed ports and names that two versions cannot both have, a database, services that fail. */
const composeFile = `
services:
  web: &web
    image: shop:$RAMPART_VERSION
    container_name: web
    command: [/bin/busybox, httpd, -f, -p, '8080', -h, /www]
    ports: ['8080:8080']
    depends_on: [db]
    stop_signal: SIGKILL
    environment: { GREETING: '\${GREETING:-hello}', PRICE: '5$$', PASS: '\${PASS:-}' }
  checked:
    <<: *web
    healthcheck: { test: [CMD, /bin/busybox, wget, -qO, /dev/null, 'http://127.0.0.1:8080/health'], interval: 500ms, retries: 1 }
  crashing:
    image: shop:$RAMPART_VERSION
    command: [/bin/busybox, sh, -c, 'echo "Error: no such table" >&2; exit 3']
  missing: { image: 'localhost:1/shop:$RAMPART_VERSION' }
  db: { image: 'shop:1.0.0', command: [/bin/busybox, sleep, '600'] }
`;

/** A folder with a compose file, and targets whose projects have names of their own. */
export function testPlace(t: TestContext, engine: ComposeEngine) {
  const root = mkdtempSync(join(engine.folder, 'place-'));
  const cwd = join(root, 'app');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'compose.yaml'), composeFile);
  const project = `t${root.slice(-6).toLowerCase()}`;
  const opened: WorkloadTarget<ComposeDefinition>[] = [];
  t.after(() => Promise.all(opened.map((target) => target.close())));
  return {
    cwd,
    project,
    logged: [] as string[],
    open(environment: Readonly<Record<string, string>> = engine.env): WorkloadTarget<ComposeDefinition> {
      const target = compose.create({ folder: root, environment, log: (line) => this.logged.push(line) });
      opened.push(target);
      return target;
    },
    /** A definition with short times. */
    definition(service: string, more: Record<string, unknown> = {}): ComposeDefinition {
      const health = { path: '/', interval: '30ms', timeout: '500ms' };
      return ComposeDefinition.parse({ cwd, service, port: 8080, project, health, ...more });
    },
    work(definition: ComposeDefinition, replicas = 1, version = '1.0.0') {
      return { service: 'shop', version, replicas, definition };
    },
  };
}
