import { type Rule, shelves, testOnly } from './rules.ts';
import { lineOf, type Module } from './scan.ts';

/** Every break of every rule, as lines that name the place, the rule and its reason. Empty: all is well. */
export function violations(modules: readonly Module[], rules: readonly Rule[]): readonly string[] {
  const shipped = modules.filter(({ path }) => !testOnly.test(path));
  return [
    ...shipped.flatMap((module) => rules.flatMap((rule) => breaks(module, rule))),
    ...shipped.flatMap(blindSpots),
    ...environmentReaders(shipped),
  ];
}

function breaks(module: Module, rule: Rule): readonly string[] {
  const match = rule.from.exec(module.path);
  if (match === null || rule.except?.test(module.path)) return [];
  const matches = (patterns: readonly string[] | undefined, to: string): boolean =>
    (patterns ?? []).some((pattern) =>
      new RegExp(`^${pattern.replace(/(?<!\?)<(\w+)>/g, (_, name) => match.groups?.[name] ?? '')}`).test(to),
    );
  const imports = module.imports.flatMap(({ to, isTypeOnly, line }) => {
    if (to === null) return [];
    const isAllowed =
      rule.mayImport === undefined || matches(rule.mayImport, to) || (isTypeOnly && matches(rule.mayImportTypes, to));
    const isForbidden = matches(rule.mustNotImport, to) && !matches(rule.exceptImports, to);
    return isAllowed && !isForbidden ? [] : [`${module.path}:${line} imports ${to} (${rule.name}: ${rule.reason})`];
  });
  const code = (rule.mustNotContain ?? []).flatMap((pattern) =>
    [...module.code.matchAll(new RegExp(pattern, 'g'))].map(
      ({ 0: text, index }) => `${module.path}:${lineOf(module.code, index)} has ${text.trim()} (${rule.name}: ${rule.reason})`,
    ),
  );
  return [...imports, ...code];
}

function blindSpots({ path, imports }: Module): readonly string[] {
  return imports.flatMap(({ to, line }) =>
    to === null
      ? [
          `${path}:${line} imports a computed name (imports-are-literal: the rules, the build and the reader must see what it loads)`,
        ]
      : [],
  );
}

/**
 * The environment is read by one module. A plugin's file that nothing imports is the entry of a process of its own, whose environment
 * is what its parent has given it, and does not count.
 */
function environmentReaders(modules: readonly Module[]): readonly string[] {
  const imported = new Set(modules.flatMap(({ imports }) => imports.map(({ to }) => to)));
  const plugin = new RegExp(`^src/(${shelves.join('|')})/[^/]+/`);
  const readers = modules.filter(({ path, code, imports }) => {
    const reads = /(?<![.\w$])(?:globalThis\s*\.\s*)?process\s*\??\.\s*env\b|\benv\b[^=;]*\}\s*=\s*process\b/.test(code);
    const isOwnProcess = plugin.test(path) && !imported.has(path);
    return (reads || imports.some(({ to }) => to === 'node:process' && /\benv\b/.test(code))) && !isOwnProcess;
  });
  if (readers.length <= 1) return [];
  const reason = 'what can be set from outside must be listed in one place; pass the value on as an argument';
  return [`process.env is read in ${readers.map(({ path }) => path).join(' and ')} (environment-is-read-once: ${reason})`];
}
