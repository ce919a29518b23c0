// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are source code in strings.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { violations } from './architecture/check.ts';
import { codeText } from './architecture/code-text.ts';
import { known, rules, shelves } from './architecture/rules.ts';
import { scanModule, scanRepository } from './architecture/scan.ts';

const root = join(import.meta.dirname, '..');

test('the whole repository keeps the rules of its layers', () => {
  const modules = scanRepository(root);
  // A scanner that finds nothing would pass everything.
  assert(modules.length > 10, `${modules.length} modules`);
  assert(modules.flatMap(({ imports }) => imports).length > modules.length);
  assert.deepEqual(violations(modules, rules), []);
});

test('everything in src/ is known to the rules', () => {
  const unknown = readdirSync(join(root, 'src')).filter((name) => !known.some((one) => one === name));
  assert.deepEqual(unknown, []);
});

for (const shelf of shelves) {
  const folder = join(root, 'src', shelf);
  const registry = join(folder, 'registry.ts');
  const plugins = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []))
    : [];
  if (plugins.length === 0 && !existsSync(registry)) continue;
  test(`the registry of ${shelf} has one line for each folder, under its name`, async () => {
    const exported = Object.values(await import(pathToFileURL(registry).href)) as unknown[];
    const keys = exported.filter((one) => typeof one === 'object' && one !== null).map((one) => Object.keys(one).sort());
    assert.deepEqual(keys, [plugins.sort()]);
  });
}

/** For each rule, modules that break it, and modules beside them that do not. */
const examples: Record<string, { readonly broken: readonly Example[]; readonly fine: readonly Example[] }> = {
  'errors-are-innermost': {
    broken: [['src/errors.ts', `import { z } from 'zod';`]],
    fine: [['src/errors.ts', `export class UserError extends Error {}`]],
  },
  'system-knows-the-system-only': {
    broken: [
      ['src/system/run-program.ts', `import type { Outcome } from '../runtime/ports.ts';`],
      ['src/system/replace-file.ts', `import { UserError } from '../routers/router.ts';`],
    ],
    fine: [['src/system/read-json.ts', `import { open } from 'node:fs/promises';\nimport { systemCode } from '../errors.ts';`]],
  },
  'spec-is-inner': {
    broken: [
      ['src/spec/service.ts', `import { decide } from '../release/decide.ts';`],
      ['src/spec/service.ts', `import type { TrafficRouter } from '../routers/router.ts';`],
      ['src/spec/service.ts', `export * from '../runtime/clock.ts';`],
      ['src/spec/service.ts', `import fastify from 'fastify';`],
    ],
    fine: [
      [
        'src/spec/load.ts',
        `import { z } from 'zod';\nimport { parse } from 'yaml';\nimport { readFileSync } from 'node:fs';\nimport '../errors.ts';`,
      ],
    ],
  },
  'spec-reads-files-in-one-place': {
    broken: [['src/spec/service.ts', `import { readFileSync } from 'node:fs';`]],
    fine: [['src/spec/load.ts', `import { readFileSync } from 'node:fs';`]],
  },
  'spec-asks-the-machine-nothing': {
    broken: [['src/spec/units.ts', `export const at = Date.now();`]],
    fine: [['src/spec/units.ts', `// Date.now() is not asked here\nexport const at = 'Date.now()';`]],
  },
  'core-is-pure': {
    broken: [
      ['src/release/decide.ts', `import { z } from 'zod';`],
      ['src/release/decide.ts', `import { readFileSync } from 'node:fs';`],
      ['src/release/decide.ts', `import type { Buffer } from 'node:buffer';`],
      ['src/release/decide.ts', `import { Clock } from '../runtime/clock.ts';`],
      ['src/views/report.ts', `import type { Clock } from '../runtime/clock.ts';`],
      ['src/analysis/guard.ts', `import { type TrafficRouter } from '../routers/router.ts';`],
      ['src/analysis/guard.ts', `import { TrafficRouter } from '../routers/router.ts';`],
      ['src/analysis/guard.ts', `import type { Config } from '../routers/nginx/schema.ts';`],
      ['src/analysis/guard.ts', `const { nginx } = await import('../routers/nginx/index.ts');`],
      ['src/analysis/guard.ts', `export { nginx } from '../routers/nginx/index.ts';`],
      ['src/slo/burn-rate.ts', `import '../cli/main.ts';`],
      ['src/flags/fold.ts', `import { FeatureFlag } from '@openfeature/flagd-core';`],
    ],
    fine: [
      [
        'src/release/decide.ts',
        `import type { Route } from '../routers/router.ts';\nimport { judge } from '../analysis/judge.ts';`,
      ],
      ['src/release/decide.ts', `import { parseDuration } from '../spec/units.ts';\nimport { UserError } from '../errors.ts';`],
      ['src/views/timeline.ts', `import type { LoggedEvent } from '../stores/log.ts';`],
      ['src/release/decide.test.ts', `import { readFileSync } from 'node:fs';\nimport '../runtime/clock.ts';`],
    ],
  },
  'flags-are-evaluated-in-one-place': {
    broken: [
      ['src/flags/evaluation.ts', `import { z } from 'zod';`],
      ['src/flags/evaluation.ts', `import { OFREPProvider } from '@openfeature/ofrep-provider';`],
    ],
    fine: [
      [
        'src/flags/evaluation.ts',
        `import type { Logger } from '@openfeature/core';\nimport { FeatureFlag } from '@openfeature/flagd-core';`,
      ],
    ],
  },
  'patterns-of-alerts-are-read-in-one-place': {
    broken: [['src/spec/alert-pattern.ts', `import { z } from 'zod';`]],
    fine: [['src/spec/alert-pattern.ts', `import { RE2JS } from 're2js';`]],
  },
  'core-opens-no-documents': {
    broken: [['src/release/plan.ts', `import { load } from '../spec/load.ts';`]],
    fine: [['src/release/plan.ts', `import type { Service } from '../spec/types.ts';`]],
  },
  'core-asks-the-machine-nothing': {
    broken: [
      'Date.now()',
      'new Date()',
      'new Date',
      'Date()',
      'Math.random()',
      'performance.now()',
      'performance["now"]()',
      'setTimeout(done, 5)',
      'process.hrtime()',
      'globalThis.process',
      'crypto.randomUUID()',
      'console.log(1)',
      'fetch(url)',
      'import.meta.url',
      'when.getHours()',
      'count.toLocaleString()',
      '`at ${Date.now()} ms`',
      '`a ${`b ${Math.random()}`} c`',
    ].map((code): Example => ['src/release/decide.ts', `export const x = ${code};`]),
    fine: [
      'new Date(event.at).toISOString()',
      'Date.UTC(2026, 1, 1)',
      'when.getUTCHours()',
      `count.toLocaleString('en')`,
      'Math.max(1, 2)',
      `'Date.now()'`,
      '`Math.random() ${1} new Date()`',
      '/* process.env */ 1 // setTimeout(done)',
      '/process.exit|Date.now/.test(text)',
      'target.process.command',
      'clock.setTimeout(1)',
      'a / b / Math.PI',
    ].map((code): Example => ['src/release/decide.ts', `export const x = ${code};`]),
  },
  'shelves-know-nothing-outer': {
    broken: [
      ['src/routers/nginx/index.ts', `import { systemClock } from '../../runtime/clock.ts';`],
      ['src/routers/router.ts', `import type { App } from '../server/app.ts';`],
    ],
    fine: [
      ['src/routers/nginx/index.ts', `import type { Sample } from '../../analysis/sample.ts';\nimport net from 'node:net';`],
    ],
  },
  'plugins-are-strangers': {
    broken: [
      ['src/routers/nginx/index.ts', `import { render } from '../haproxy/render.ts';`],
      ['src/routers/nginx/index.ts', `import { check } from '../../checks/http/index.ts';`],
      ['src/routers/nginx/deep/index.ts', `import type { X } from '../../nginx-plus/index.ts';`],
      ['src/routers/nginx/index.ts', `import { routers } from '../registry.ts';`],
    ],
    fine: [
      ['src/routers/nginx/index.ts', `import { render } from './render.ts';\nimport type { TrafficRouter } from '../router.ts';`],
      ['src/routers/nginx/deep/index.ts', `import { render } from '../render.ts';`],
      ['src/routers/nginx/index.ts', `import type { Endpoint } from '../../targets/target.ts';`],
    ],
  },
  'shelf-roots-know-no-plugin': {
    broken: [['src/routers/router.ts', `import { nginx } from './nginx/index.ts';`]],
    fine: [['src/routers/registry.ts', `import { nginx } from './nginx/index.ts';`]],
  },
  'registries-list-their-own-plugins': {
    broken: [['src/routers/registry.ts', `import { http } from '../checks/http/index.ts';`]],
    fine: [['src/routers/registry.ts', `import { nginx } from './nginx/index.ts';`]],
  },
  'load-is-a-client-alone': {
    broken: [
      ['src/load/run-load.ts', `import { defineCheck } from '../checks/check.ts';`],
      ['src/load/plan.ts', `import { duration } from '../spec/units.ts';`],
    ],
    fine: [['src/load/run-load.ts', `import { Worker } from 'node:worker_threads';\nimport { UserError } from '../errors.ts';`]],
  },
  'kubernetes-is-a-client-alone': {
    broken: [
      ['src/kubernetes/api.ts', `import type { Instance } from '../targets/target.ts';`],
      ['src/kubernetes/api.ts', `import { z } from 'zod';`],
    ],
    fine: [['src/kubernetes/api.ts', `import https from 'node:https';\nconst c = await import('@kubernetes/client-node');`]],
  },
  'prometheus-is-a-format-alone': {
    broken: [
      ['src/prometheus/answer.ts', `import type { Bucket } from '../sources/prometheus/buckets.ts';`],
      ['src/prometheus/answer.ts', `const nowMs = Date.now();`],
    ],
    fine: [['src/prometheus/answer.ts', `import { z } from 'zod';`]],
  },
  'clusters-are-asked-in-one-place': {
    broken: [['src/targets/kubernetes/index.ts', `import { KubeConfig } from '@kubernetes/client-node';`]],
    fine: [['src/kubernetes/api.ts', `const { KubeConfig } = await import('@kubernetes/client-node');`]],
  },
  'kubernetes-is-for-plugins': {
    broken: [
      ['src/runtime/world.ts', `import { apiOf } from '../kubernetes/mirrors.ts';`],
      ['src/targets/registry.ts', `import { apiOf } from '../kubernetes/mirrors.ts';`],
    ],
    fine: [['src/targets/kubernetes/index.ts', `import { apiOf } from '../../kubernetes/mirrors.ts';`]],
  },
  'generators-only-write': {
    broken: [
      ['src/generators/prometheus/index.ts', `import { writeFile } from 'node:fs/promises';`],
      ['src/generators/prometheus/index.ts', `import { kinds } from '../../runtime/documents.ts';`],
      ['src/generators/prometheus/index.ts', `const at = Date.now();`],
    ],
    fine: [['src/generators/grafana/index.ts', `import { createHash } from 'node:crypto';`]],
  },
  'runtime-is-below-the-doors': {
    broken: [
      ['src/runtime/loop.ts', `import { app } from '../server/app.ts';`],
      ['src/runtime/loop.ts', `import type { Flags } from '../cli/flags.ts';`],
    ],
    fine: [
      [
        'src/runtime/loop.ts',
        `import { decide } from '../release/decide.ts';\nimport type { EventLog } from '../stores/log.ts';`,
      ],
    ],
  },
  'runtime-knows-no-kind': {
    broken: [['src/runtime/loop.ts', `import { openSqliteLog } from '../stores/sqlite/index.ts';`]],
    fine: [['src/runtime/loop.test.ts', `import { openMemoryLog } from '../stores/memory/index.ts';`]],
  },
  'server-is-not-the-cli': {
    broken: [['src/server/app.ts', `import { print } from '../cli/print.ts';`]],
    fine: [['src/cli/up.ts', `import { app } from '../server/app.ts';`]],
  },
  'nothing-imports-tests': {
    broken: [
      ['src/runtime/loop.ts', `import { virtualTime } from '../../test/simulation/virtual-time.ts';`],
      ['src/cli/bench.ts', `import '../../bench/run.ts';`],
      ['src/stores/registry.ts', `import { anEvent } from './conformance.ts';`],
    ],
    fine: [['src/stores/sqlite/index.test.ts', `import { anEvent } from '../conformance.ts';`]],
  },
};

type Example = readonly [path: string, source: string];

test('every rule has examples', () => {
  assert.deepEqual(Object.keys(examples).sort(), rules.map(({ name }) => name).sort());
});

for (const rule of rules) {
  test(`${rule.name}: a break is found, and what is allowed is not`, () => {
    const { broken, fine } = examples[rule.name] ?? { broken: [], fine: [] };
    assert(broken.length > 0 && fine.length > 0);
    for (const [path, source] of broken) {
      assert.match(violations([scanModule(path, source)], [rule]).join('\n'), new RegExp(`${path}:1 .*${rule.name}`), source);
    }
    for (const [path, source] of fine) assert.deepEqual(violations([scanModule(path, source)], [rule]), [], source);
  });
}

test('the environment may be read in one file, and by the own processes of plugins', () => {
  const check = (...files: readonly Example[]) =>
    violations(
      files.map(([path, source]) => scanModule(path, source)),
      [],
    ).join('\n');
  const reader: Example = ['src/cli/environment.ts', 'export const home = process.env.HOME;'];
  const child: Example = ['src/routers/builtin/main.ts', 'const port = process.env.PORT;'];
  assert.equal(check(reader, child), '');
  assert.match(check(reader, ['src/cli/up.ts', 'const { env } = process;']), /environment.ts and src\/cli\/up.ts/);
  assert.match(check(reader, ['src/cli/up.ts', `import { env } from 'node:process'; env.HOME;`]), /environment-is-read-once/);
  assert.match(check(reader, child, ['src/routers/builtin/index.ts', `import './main.ts';`]), /builtin\/main.ts/);
  assert.equal(check(reader, ['src/cli/up.test.ts', 'process.env.HOME']), '');
  assert.equal(check(reader, ['src/cli/up.ts', 'service.process.env; // process.env']), '');
});

test('an import of a computed name is found, because no rule can see where it leads', () => {
  for (const source of ['await import(name)', 'await import(`./${kind}/index.ts`)', 'require(name)']) {
    assert.match(violations([scanModule('src/cli/up.ts', source)], []).join(), /imports-are-literal/, source);
  }
});

test('every way to import is seen, with its line', () => {
  const source = [
    `import a from './a.ts'; import type { B } from "./b.ts";`,
    `import {`,
    `  c,`,
    `  type C,`,
    `} from '../c.ts';`,
    `import * as d from 'd/sub';`,
    `import './e.ts';`,
    `export * from './f.ts';`,
    `export type { G } from './g.ts';`,
    `export { h as from } from './h.ts';`,
    `const i = await import('./i.ts'); const text = "import x from './no.ts'";`,
    `// import x from './no.ts'`,
    `export const from = 'no'; export type From = { from: 'no' };`,
    `/* import('./no.ts') */ important('no'); thing.import('no');`,
    `const html = \`import '\${await import('./j.ts')}' from 'no'\`;`,
    `import data from './k.json' with { type: 'json' };`,
    `export default function from() { return /import ('no')/; }`,
  ].join('\n');
  const found = scanModule('src/x/y.ts', source).imports.map(
    ({ to, isTypeOnly, line }) => `${line} ${to}${isTypeOnly ? ' type' : ''}`,
  );
  assert.deepEqual(found.sort(), [
    '1 src/x/a.ts',
    '1 src/x/b.ts type',
    '10 src/x/h.ts',
    '11 src/x/i.ts',
    '15 src/x/j.ts',
    '16 src/x/k.json',
    '5 src/c.ts',
    '6 d/sub',
    '7 src/x/e.ts',
    '8 src/x/f.ts',
    '9 src/x/g.ts type',
  ]);
});

test('comments, texts and regular expressions are not code, and every offset stays', () => {
  const cases: readonly [source: string, code: string][] = [
    ['a // b\nc', 'a     \nc'],
    ['a /* b\n */ c', 'a     \n    c'],
    [`'a\\'b' + "c"`, `'    ' + " "`],
    ['`a${b}c${`d${e}`}f` + {g}', '` ${b} ${` ${e}`} ` + {g}'],
    ['`${{ a: 1 }}b`', '`${{ a: 1 }} `'],
    ['x = /[/"]\\/a/g; y', 'x = /       /g; y'],
    ['a / b / c', 'a / b / c'],
    ['(a) / b; "/"', '(a) / b; " "'],
    ['return /a"/', 'return /  /'],
  ];
  for (const [source, code] of cases) assert.equal(codeText(source), code);
});
