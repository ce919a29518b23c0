import { isSecretName } from '../spec/secret-name.ts';

/** What stands in place of a secret. */
export const hidden = '[hidden]';

type Pattern = readonly [pattern: RegExp, replacement: string];

/** Texts that are a secret wherever they stand. Each leaves what shows a reader what was there. */
const inText: readonly Pattern[] = [
  [/-----BEGIN ([A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)-----[\s\S]*?(-----END \1-----|$)/g, `-----BEGIN $1----- ${hidden}`],
  // What stands before the last @ of an address's host: user and password, or a token alone, as in the address of a Sentry project.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]*@/gi, `$1${hidden}@`],
  // These have values of several words.
  [/(\bauthorization["']?\s{0,5}[:=]\s{0,5})(?:Digest|Signature|AWS4-HMAC-SHA256|OAuth|Hawk|MAC)\s[^\r\n]*/gi, `$1${hidden}`],
  [
    /(\bauthorization["']?\s{0,5}[:=]\s{0,5})(?:Basic|Bearer|Token|ApiKey|Key|Negotiate|NTLM|GenieKey|Splunk) [^\s"',;]+/gi,
    `$1${hidden}`,
  ],
  [/(\bcookie["']?\s{0,5}:\s{0,5})[^\s;,"'=]{1,200}=[^\s;,"']*(?:;\s{0,5}[^\s;,"'=]{1,200}(?:=[^\s;,"']*)?)*/gi, `$1${hidden}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=_~.-]{8,}/gi, `$1 ${hidden}`],
  [/\brmp_[A-Za-z0-9_-]{8,}/g, hidden],
  // Bounded, so that a long text of beginnings without an end does not take the square of its length.
  [/\beyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]*/g, hidden],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\b(gh[oprsu]|github_pat|glpat|xox[abeoprs])[_-][A-Za-z0-9_-]{10,}/g, hidden],
  [
    /\b(?:(?:gl(?:sa|c)|dop_v1|whsec|[rs]k_(?:live|test))_[A-Za-z0-9_+/-]{16,}={0,2}|npm_[A-Za-z0-9]{36}|xapp-\d-[A-Za-z0-9-]{10,})/g,
    hidden,
  ],
  // Words of a name have no digits, or are short.
  [/\bsk-(?=[A-Za-z_-]{0,200}\d)[A-Za-z0-9_-]{20,}/g, hidden],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, hidden],
  [/\b(SG|hv[bsr])\.[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+)?/g, hidden],
  // A bot of Telegram, also in the path of an address.
  [/(?<![A-Za-z0-9])(bot)?\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, `$1${hidden}`],
  // An incoming webhook: whoever knows the path may write there.
  [/(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]+/g, `$1${hidden}`],
];

/** `NAME=value`, `"name": "value"`, `name: value`, up to where the value begins. A run of such signs is looked at once. */
const named = /(?<![\w.-])([\w.-]+)(\\*["'])?[ \t]{0,5}([=:])[ \t]{0,5}/g;

/** `--password hunter2`, up to where the value begins. */
const asOption = /(?<![\w.-])(--?[\w-]+)[ \t]{1,5}(?=[^\s-])/g;

/** Words that say something else as often before a colon: `key: value`, `pass: 3 tests`. */
const common = /^(keys?|pass|auth|pin|salt|private|bearer|signature|sig|otp)$/i;

/**
 * A text without the secrets that can be told from it, and without those that are known.
 *
 * @param known - Secrets as they are. One shorter than 6 characters is left alone: it would hide words.
 */
export function redactedText(text: string, known: readonly string[] = []): string {
  return redactedWith(text, spellings(known));
}

function redactedWith(text: string, spelled: readonly string[]): string {
  const unknown = withoutCut(
    spelled.reduce((left, secret) => left.replaceAll(secret, hidden), text),
    spelled,
  );
  const safe = inText.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), unknown);
  return withoutValues(withoutValues(safe, named), asOption);
}

const knownMin = 6;

/** From this length on a text may have been cut to fit into a line, and a secret with it. */
const cutMin = 200;

function withoutCut(text: string, spelled: readonly string[]): string {
  if (text.length < cutMin) return text;
  const end = text.replace(/…$/, '');
  for (const secret of spelled)
    for (let length = secret.length - 1; length >= knownMin; length -= 1)
      if (end.endsWith(secret.slice(0, length))) return `${end.slice(0, -length)}${hidden}`;
  return text;
}

/** How known secrets are written in an output: as they are, inside of a text of JSON, in an address. One of several lines by its lines. */
function spellings(known: readonly string[]): readonly string[] {
  const whole = known.flatMap((secret) => secret.split(/[\r\n]+/)).map((line) => line.trim());
  const spelled = whole
    .filter((line) => line.length >= knownMin)
    .flatMap((line) => [line, JSON.stringify(line).slice(1, -1), encodeURIComponent(line.toWellFormed())]);
  // Longest first: a shorter one may be the beginning of a longer one, whose rest would stay.
  return [...new Set(spelled)].sort((a, b) => b.length - a.length);
}

/** Lines of one text, such as an output. A key that goes over several of them is hidden in each, also where its first line is missing. */
export function redactedLines(lines: readonly string[], known: readonly string[] = []): string[] {
  const spelled = spellings(known);
  const safe = lines.map((line) => redactedWith(line, spelled));
  let begin: number | null = null;
  for (const [at, line] of lines.entries()) {
    if (/-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/.test(line)) begin = at;
    else if (/-----END [A-Z0-9 ]{0,30}PRIVATE KEY/.test(line)) {
      let from = at;
      if (begin !== null) from = begin + 1;
      else while (from > 0 && isKeyPart(lines[from - 1] ?? '')) from -= 1;
      safe.fill(hidden, from, at + 1);
      begin = null;
    }
  }
  // What was cut off has no last line, and what another program writes in between is no part of it.
  if (begin !== null) for (let at = begin + 1; isKeyPart(lines[at] ?? ''); at += 1) safe[at] = hidden;
  return safe;
}

/** Whether a line may be one of a key in PEM form (RFC 7468): base64, or a header of an encrypted one. */
function isKeyPart(line: string): boolean {
  return /^\s*[A-Za-z0-9+/]{1,80}={0,2}\s*$/.test(line) || /^\s*(Proc-Type|DEK-Info): /.test(line);
}

function withoutValues(text: string, heads: RegExp): string {
  let safe = '';
  let done = 0;
  for (const { 0: head, 1: name = '', 2: quote, 3: separator, index } of text.matchAll(heads)) {
    if (index < done || !isSecretName(name)) continue;
    if (separator === ':' && quote === undefined && !isNameBeforeColon(name)) continue;
    const [from, to] = valueAt(text, index + head.length, separator ?? '');
    if (from === to) continue;
    safe += text.slice(done, from) + hidden;
    done = to;
  }
  return safe + text.slice(done);
}

/** Whether what stands before a colon is a secret's name, and not a word of a sentence or a file: `token.js:10:5`, `key.pem: not found`. */
function isNameBeforeColon(name: string): boolean {
  const last = name.split('.').at(-1) ?? '';
  return isSecretName(last) && !common.test(last);
}

/** From where to where the value goes that begins there, without its quotes. What holds other values, or says that there is none, is none. */
function valueAt(text: string, start: number, separator: string): readonly [from: number, to: number] {
  const none = [start, start] as const;
  const opening = matchAt(/(\\*)(["'])/y, text, start);
  if (opening) {
    const [whole, backslashes = '', quote = ''] = opening;
    const from = start + whole.length;
    return [from, closingAt(text, from, quote, backslashes.length)];
  }
  const [plain = ''] = matchAt(/[^\s,;&"'}\\]+/y, text, start) ?? [];
  if (/^(true|false|null|undefined|none)$/i.test(plain)) return none;
  // A mapping, a list, or a text over several lines: their own names say what is in them.
  if (separator === ':' && /^[[{|>]/.test(plain) && plain !== hidden) return none;
  return [start, start + plain.length];
}

/**
 * Where the quote is that ends a text: in a text of JSON it has as many backslashes before it as the one that began it, and an inner
 * one has more. Where the end was cut off, the end of the line.
 */
function closingAt(text: string, from: number, quote: string, depth: number): number {
  let run = 0;
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '\\') run += 1;
    else if (sign === '\n') return at;
    else if (sign === quote && (run < depth || ((run - depth) / (depth + 1)) % 2 === 0)) return at - Math.min(run, depth);
    else run = 0;
  }
  return text.length;
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
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
  if (Array.isArray(value)) return walkList(value, isSecret, under, depth);
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

function walkList(list: readonly unknown[], isSecret: boolean, under: string, depth: number): readonly unknown[] {
  if (!isSecret && list.every((one) => typeof one === 'string')) {
    const safe = redactedLines(list);
    // The words of a command: what follows `--password` is one.
    return list.map((word, at) => (isSecretOption(list[at - 1]) && !word.startsWith('-') ? hidden : safe[at]));
  }
  return list.map((one) => walk(one, isSecret, under, depth + 1));
}

function isSecretOption(word: string | undefined): boolean {
  return word !== undefined && /^--?[\w-]+$/.test(word) && isSecretName(word);
}
