import type { SourceFile } from './files.ts';
import type { MigrationsConfig, Tool } from './schema.ts';

/** A migration of which there is a file. */
export type Known = {
  /** As the table of the tool has it. */
  readonly id: string;
  readonly file: string;
  readonly hasReverse: boolean;
  /** Ids of those that come right before it; null: it is the order of the list that counts. */
  readonly after: readonly string[] | null;
};

/** Reads the migrations of a folder, the oldest first. */
export async function knownMigrations(
  files: readonly SourceFile[],
  { tool, files: pattern }: Pick<MigrationsConfig, 'tool' | 'files'>,
): Promise<readonly Known[]> {
  const names = new Set(files.map(({ path }) => path));
  const found: Known[] = [];
  for (const file of files) {
    const one = await readers[tool](file, names, pattern ?? '');
    if (one) found.push({ ...one, file: file.path });
  }
  return tool === 'golang-migrate' || tool === 'flyway' ? found.sort((a, b) => compareVersions(a.id, b.id)) : found;
}

type Reader = (file: SourceFile, names: ReadonlySet<string>, pattern: string) => Promise<Omit<Known, 'file'> | null>;

const readers: Readonly<Record<Tool, Reader>> = {
  alembic: async (file) => (file.path.endsWith('.py') ? alembicMigration(await file.read()) : null),
  flyway: async ({ path }, names) => {
    const [, kind, version, name] = /(?:^|\/)(V|R)([\d._]*)__(.+)\.(?:sql|java|kt)$/.exec(path) ?? [];
    if (kind === undefined || version === undefined) return null;
    if (kind === 'R') return { id: `R__${name}`, hasReverse: true, after: null };
    const id = flywayVersion(version);
    const hasReverse = [...names].some((other) => flywayVersion(/(?:^|\/)U([\d._]+)__/.exec(other)?.[1] ?? '') === id);
    return { id, hasReverse, after: null };
  },
  knex: async (file) => {
    if (!/\.[cm]?[jt]s$/.test(file.path) || file.path.endsWith('.d.ts')) return null;
    const text = await file.read();
    const id = knexName(file.path.replace(/^.*\//, ''));
    return { id, hasReverse: /\bdown\b\s*[=:(]/.test(text), after: null };
  },
  prisma: async ({ path }, names) => {
    const [, id] = /^(?:.*\/)?([^/]+)\/migration\.sql$/.exec(path) ?? [];
    return id === undefined ? null : { id, hasReverse: names.has(path.replace(/migration\.sql$/, 'down.sql')), after: null };
  },
  'golang-migrate': async ({ path }, names) => {
    const [, version] = /(?:^|\/)(\d+)_[^/]*\.up\.[^/.]+$/.exec(path) ?? [];
    if (version === undefined) return null;
    return { id: number(version), hasReverse: names.has(path.replace(/\.up(\.[^/.]+)$/, '.down$1')), after: null };
  },
  rails: async (file) => {
    const [, version] = /(?:^|\/)(\d+)_[^/]*\.rb$/.exec(file.path) ?? [];
    if (version === undefined) return null;
    const text = await file.read();
    const hasReverse = /\bdef\s+(self\.)?(change|down)\b/.test(text) && !/IrreversibleMigration/.test(text);
    return { id: version, hasReverse, after: null };
  },
  query: async ({ path }, names, pattern) => {
    const id = new RegExp(pattern).exec(path.replace(/^.*\//, ''))?.[1];
    if (id === undefined || id === '') return null;
    const hasReverse = /up/.test(path)
      ? names.has(path.replace(/up(?!.*up)/, 'down'))
      : names.has(path.replace(/(\.[^/.]+)$/, '.down$1'));
    return { id, hasReverse, after: null };
  },
};

/** `revision` and `down_revision` of a file of Alembic, and whether `downgrade` does anything. */
export function alembicMigration(text: string): Omit<Known, 'file'> | null {
  const [, id] = /^revision\s*(?::[^=\n]*)?=\s*['"]([^'"]+)['"]/m.exec(text) ?? [];
  if (id === undefined) return null;
  const [, before = ''] = /^down_revision\s*(?::[^=\n]*)?=\s*(['"][^'"]*['"]|\([^)]*\)|\[[^\]]*\]|None)/m.exec(text) ?? [];
  const after = [...before.matchAll(/['"]([^'"]+)['"]/g)].map(([, one]) => one ?? '');
  const [, body = ''] = /^def downgrade\b[^\n]*\n((?:[ \t][^\n]*\n?|\s*\n)*)/m.exec(text) ?? [];
  const statements = body
    .replace(/("""|''')[\s\S]*?\1/g, '')
    .replace(/#.*$/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'pass' && line !== '...');
  return { id, hasReverse: statements.length > 0 && !/^raise\b/.test(statements[0] ?? ''), after };
}

/** Flyway takes 1, 1.0 and 01 for the same, and `_` for a dot. */
export function flywayVersion(text: string): string {
  return text
    .replace(/_/g, '.')
    .split('.')
    .map(number)
    .join('.')
    .replace(/(\.0)+$/, '');
}

/** Knex keeps the name of the file, whose end differs between what is written and what is built. */
export function knexName(name: string): string {
  return name.replace(/\.[cm]?[jt]s$/, '');
}

/** As a text without zeros before it: versions of 14 digits and more are no safe numbers together. */
export function number(text: string): string {
  return text.replace(/^0+(?=\d)/, '');
}

/** Order of versions of numbers and dots; all else comes after them, by its signs. */
export function compareVersions(a: string, b: string): number {
  const isVersion = (text: string): boolean => /^\d+(\.\d+)*$/.test(text);
  if (!isVersion(a) || !isVersion(b)) return isVersion(a) ? -1 : isVersion(b) ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [a.split('.').map(BigInt), b.split('.').map(BigInt)];
  for (let index = 0; index < Math.max(x.length, y.length); index += 1) {
    const [p, q] = [x[index] ?? 0n, y[index] ?? 0n];
    if (p !== q) return p < q ? -1 : 1;
  }
  return 0;
}
