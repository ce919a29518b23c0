#!/usr/bin/env node
// Starts the command line: compiled in the published package, straight from its sources in a checkout.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const needed = 24;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= needed) {
  // What is compiled stays for the next command, which begins in half the time. In the user's own folder: whoever could write there could
  // run anything as this user. Where it cannot be written, nothing is kept.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rampart'));
  const source = here('../src/cli/main.ts');
  const { main } = await import(existsSync(source) ? '../src/cli/main.ts' : '../dist/cli/main.js');
  await main(process.argv);
} else if (existsSync(here('../node_modules/node/bin/node'))) {
  // A checkout brings its own Node along; whatever is on the PATH is too old.
  const { status } = spawnSync(here('../node_modules/node/bin/node'), [here('rampart.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.error(`rampart needs Node ${needed} or newer, this is ${process.version}`);
  process.exitCode = 2;
}
