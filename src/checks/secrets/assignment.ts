import { extname } from 'node:path';
import { isSecretName } from '../../spec/secret-name.ts';
import { isDefault, patternBits } from '../strength.ts';

/** A value behind a name that says that it is a secret. */
export type Assignment = { readonly secret: string; readonly index: number };

/**
 * From the word in the name to the value. What stands before the word in the name is looked at afterwards, so that a long line takes no
 * more than its length.
 */
const assigned =
  /(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?)[\w.-]{0,30}\\?["']?\]?\s{0,5}(?::=|=>|[:=])\s{0,5}(?:(?<quote>\\?["'`])(?<quoted>[^"'`\s\\]{8,200})\\?["'`]|(?<plain>[A-Za-z0-9_+/=.~!@#%^*-]{8,200})(?=[\s,;&#]|$))/gim;

/** Files in which a value has no quotes. In others such a word is a name of the program. */
const plainFiles = /(^|\/)(\.env[^/]*|[^/]*\.env|dockerfile[^/]*|\.npmrc|\.netrc|\.pgpass|credentials)$/i;
const plainEndings = new Set(['.properties', '.ini', '.cfg', '.conf', '.yaml', '.yml', '.toml', '.sh', '.bash', '.tfvars']);

/** Files whose values are made up, or random by nature: tests, examples, pages for people, lists of packages, what a program has written. */
const quietFiles =
  /(^|\/)(tests?|__tests__|specs?|fixtures?|testdata|mocks?|examples?|samples?|node_modules|vendor|dist|locales?|i18n)\/|[._-](test|spec|fixture|mock|example|sample|template|dist)s?\.[^/]+$|\.(example|sample|template|dist|md|mdx|rst|adoc|txt|html?|svg|map|css|lock|sum|po|csv|ipynb)$|[.-]min\.[cm]?js$|(^|\/)(package-lock|npm-shrinkwrap|composer\.lock|pnpm-lock)\.?[^/]*$/i;

/** Whether values behind names are looked for in a file. */
export function hasAssignments(path: string): boolean {
  return !quietFiles.test(path);
}

/** Random values behind names of secrets. */
export function assignments(text: string, path: string): readonly Assignment[] {
  const isPlain = plainFiles.test(path) || plainEndings.has(extname(path).toLowerCase());
  const found: Assignment[] = [];
  for (const match of text.matchAll(assigned)) {
    const { quoted, plain } = match.groups ?? {};
    const secret = quoted ?? (isPlain ? plain : undefined);
    if (secret === undefined || !isSecretName(nameAt(text, match.index, match[0])) || !looksRandom(secret)) continue;
    found.push({ secret, index: match.index + match[0].lastIndexOf(secret) });
  }
  return found;
}

/** The whole name: `publicToken_url` is harmless, whatever word is in it. */
function nameAt(text: string, index: number, match: string): string {
  const before = /[\w.-]*$/.exec(text.slice(Math.max(0, index - 60), index))?.[0] ?? '';
  const name = before + (/^[\w.-]+/.exec(match)?.[0] ?? '');
  return /public|example|sample|dummy|fake|test|mock|placeholder|csrf|hash|digest|fingerprint/i.test(name) ? '' : name;
}

const bitsMin = 32;

/** Whether somebody has made the value so that nobody can guess it: no word, no name, no place of another value. */
function looksRandom(value: string): boolean {
  if (isDefault(value) || isStandIn(value)) return false;
  // A path, an address, a name of code: user.token, app/config, my-secret-name, $TOKEN, process.env.TOKEN, fn(x).
  if (/^[./~$@#%&*]|^[a-z]+:|[(){}<>|]|\.(js|ts|py|json|ya?ml|pem|key|crt|txt)$/i.test(value)) return false;
  if (/^[A-Za-z]+([-_./:][A-Za-z]+)*\d{0,2}$/.test(value)) return false;
  if (/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+$/.test(value)) return false;
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value) || /^[\d.:_-]+$/.test(value)) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  // Words with a number between them: sha256-of-body, oauth2-client-secret.
  const parts = value.split(/[-_./]/);
  if (parts.length > 1 && parts.every((part) => /^([A-Za-z]{0,12}\d{0,4}|\d{1,4}[A-Za-z]{0,12})$/.test(part))) return false;
  return patternBits(value) >= bitsMin;
}

/** Words of values that are none. Written in one case: in any case, chance would write a short one into a real token now and then. */
const standInWords = [
  'example',
  'sample',
  'dummy',
  'placeholder',
  'redacted',
  'changeme',
  'notreal',
  'not-real',
  'not_real',
  'not-a-secret',
];
const standIn = new RegExp(
  [
    ...standInWords.flatMap((word) => [word, word.toUpperCase(), `${word.charAt(0).toUpperCase()}${word.slice(1)}`]),
    '(?<![A-Za-z])(?:fake|FAKE|your[-_]|YOUR[-_])',
    'x{5}|X{5}|\\*{3}|\\.{3}|…|0{8}|12345678|abcdefgh|ABCDEFGH|\\$\\{|\\{\\{|%[sd(]|\\$\\(|<[a-z]|(.)\\1{6}',
  ].join('|'),
);

/** Whether a value stands for another, or shows what one looks like. */
export function isStandIn(value: string): boolean {
  return isDefault(value) !== null || standIn.test(value);
}
