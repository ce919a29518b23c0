import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { messageOf } from '../../errors.ts';
import { checkChecklistsOf } from './checklists-of-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-checklists-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const checklist = (spec: string, name = 'ours') => `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ${name} }
spec: { ${spec} }
`;
const item = (more: string) =>
  `phases: [{ id: a, title: A, items: [{ id: x, title: X, confirm: {}, ${more} }, { id: y, title: Y, confirm: {}, needs: [a.x] }] }]`;
const service = (readiness: string, release = '') => `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  readiness: { ${readiness} }
  ${release}
`;
writeFileSync(join(folder, 'ours.yaml'), checklist(`extends: production, ${item('severity: warning')}`));
const exempt = (name: string) =>
  `checklist: ./ours.yaml, exemptions: [{ item: ${name}, reason: later, approvedBy: anna, until: 2027-01-31 }]`;

const cases: readonly (readonly [name: string, text: string, wrong: RegExp | null])[] = [
  ['one that extends a built-in one', checklist(`extends: production, ${item('severity: warning')}`), null],
  [
    'one that extends the built-in one of its own name',
    checklist('extends: production, without: [kubernetes]', 'production'),
    null,
  ],
  [
    'one that extends nothing known',
    checklist(`extends: prod, ${item('severity: warning')}`),
    /there is no checklist prod, which ours extends/,
  ],
  ['a circle', checklist(item('needs: [a.y]')), /in a circle: a\.x → a\.y → a\.x/],
  ['an unknown parameter', checklist(item('if: managed')), /unknown parameter "managed"/],
  ['a part that the other one has not', checklist('extends: production, without: [kubernets]'), /has no kubernets/],
  ['a service with a checklist of its own', service('checklist: ./ours.yaml, parameters: { kubernetes: false }'), null],
  ['a service whose checklist is not there', service('checklist: ./theirs.yaml'), /there is no file .*theirs\.yaml/],
  [
    'a parameter that a checklist of its own has not',
    service('checklist: ./ours.yaml, parameters: { kuber: 1 }'),
    /has no parameter kuber/,
  ],
  ['an exemption of what there is', service(exempt('a.x')), null],
  ['an exemption of an item that there is not', service(exempt('recovery.dril')), /no checklist has recovery\.dril/],
  [
    'a gate with a phase that there is not',
    service('checklist: ./ours.yaml', 'release: { preflight: { checklist: production, phases: [secrity] } }'),
    /checklist production has no phase secrity/,
  ],
  [
    'a timeline with a checklist that there is not',
    service('checklist: ./ours.yaml', 'release: { timeline: [{ at: T-1h, title: Look, role: qa, checklist: prodction }] }'),
    /there is no checklist prodction/,
  ],
];

for (const [name, text, wrong] of cases)
  test(`${name} is ${wrong === null ? 'fine' : 'told before anything is run'}`, async () => {
    const file = join(folder, 'file.yaml');
    writeFileSync(file, text);
    const said = await checkChecklistsOf(text, file).then(() => null, messageOf);
    if (wrong === null) assert.equal(said, null);
    else assert.match(said ?? 'nothing', wrong);
  });
