/**
 * Builds the console into `web/dist` when its sources, or the versions of what it is built with, are others than those of the build
 * that is there. Says in one line what it did.
 *
 *     node web/build.ts [--force] [--if-possible]
 *
 * `--if-possible`: without what it is built with (an installation for production) it does nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, 'built-from.txt');
/** What is compressed before it is served. Smaller files are not worth a second one. */
const compressible = /\.(js|css|html|svg|json)$/;
const compressedFromBytes = 1_024;

const from = fingerprint();
if (!process.argv.includes('--force') && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === from) {
  console.log('console: up to date');
} else if (process.argv.includes('--if-possible') && versionOf('vite') === 'missing') {
  console.log('console: not built, its tools are not installed');
} else {
  const startedMs = performance.now();
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  const bytes = compressAll();
  // Written last: a build that was broken off is done again.
  writeFileSync(stamp, `${from}\n`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(`console: built in ${seconds} s, ${Math.round(bytes / 1_024)} KiB compressed in all`);
}

/** One hash over all sources, and over the versions of the packages that are built in or build. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const sources = ['index.html', 'vite.config.ts', 'build.ts', 'package.json', ...filesIn('src'), ...filesIn('public')];
  for (const file of sources.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(devDependencies).sort()) hash.update(`${name}@${versionOf(name)}\0`);
  return hash.digest('hex');
}

function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name, 'package.json')).find((file) => existsSync(file));
  return found ? JSON.parse(readFileSync(found, 'utf8')).version : 'missing';
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Puts a `.br` and a `.gz` beside each file that a browser loads. @returns Bytes of all `.br` files. */
function compressAll(): number {
  let bytes = 0;
  for (const file of filesIn('dist')) {
    const content = readFileSync(join(root, file));
    if (!compressible.test(file) || content.length < compressedFromBytes) continue;
    const br = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    writeFileSync(join(root, `${file}.br`), br);
    writeFileSync(join(root, `${file}.gz`), gzipSync(content, { level: 9 }));
    bytes += br.length;
  }
  return bytes;
}
