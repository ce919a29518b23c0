import { isSecretName } from '../spec/secret.ts';

/** What stands in place of a secret. */
export const hidden = '[hidden]';

/** Texts that are a secret wherever they stand. Each leaves what shows a reader what was there. */
const inText: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(-----END \1-----|$)/g, `-----BEGIN $1----- ${hidden}`],
  // What stands before the @ of an address: user and password, or a token alone.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${hidden}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=_~.-]{8,}/gi, `$1 ${hidden}`],
  [/\brmp_[A-Za-z0-9_-]{8,}/g, hidden],
  // Bounded, so that a long text of beginnings without an end does not take the square of its length.
  [/\beyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]*/g, hidden],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\b(ghp|gho|ghs|ghu|github_pat|glpat|xox[abpr])[_-][A-Za-z0-9_-]{10,}/g, hidden],
  // `password=…`, `"token": "…"`, `--api-key …` and their like in lines of logs and commands. Without the bound on what may stand
  // before the word, a long text of dots and dashes would take the square of its length.
  [
    /((?:^|[\s,;&?{("'-])["']?[A-Za-z0-9_.-]{0,60}(?:password|passwd|passphrase|secret|token|api[_-]?key|authorization|credential)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"'}]+)/gi,
    `$1${hidden}`,
  ],
];

/** A text without the secrets that can be told from it. */
export function redactedText(text: string): string {
  return inText.reduce((safe, [pattern, replacement]) => safe.replace(pattern, replacement), text);
}

/**
 * The same value without secrets: texts under names that hold secrets are hidden whole, all others as `redactedText` does. Its shape
 * stays: objects keep their keys, lists their length, numbers and truths are what they were.
 *
 * A secret that is only named (`{ env: NAME }`, `{ file: PATH }`) is none, and stays readable.
 */
export function redacted(value: unknown): unknown {
  return walk(value, false);
}

/** Deeper than any document: what lies below is hidden, so that nothing can make this run out of stack. */
const depthMax = 100;

function walk(value: unknown, isSecret: boolean, under = '', depth = 0): unknown {
  if (typeof value === 'string') return isSecret && value !== '' ? hidden : redactedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > depthMax) return hidden;
  if (Array.isArray(value)) return value.map((one) => walk(one, isSecret, under, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const isReference = isSecret && (name === 'env' || name === 'file' || name === 'prefix');
      const holdsSecret = isSecretName(name) && !isOwnField(name, value, under);
      return [name, walk(one, !isReference && (isSecret || holdsSecret), name, depth + 1)];
    }),
  );
}

/**
 * Whether a name that sounds like a secret is a field of Rampart's own that holds none: what a cookie is called (`bucket: { cookie:
 * rampart }`, `match: [{ cookie: beta, equals: "1" }]`), by which session or token something was asked for (its id), and what an event
 * belongs to. Hidden, they would leave no act of a user or token in an export whose hash can be made again.
 */
function isOwnField(name: string, among: object, under: string): boolean {
  if (name === 'cookie') return under === 'bucket' || (under === 'match' && 'equals' in among);
  if (name === 'credential') return under === 'from' && 'via' in among && 'address' in among;
  return name === 'key' && under === 'event' && 'kind' in among;
}
