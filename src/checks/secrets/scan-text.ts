import { assignments, hasAssignments, isStandIn } from './assignment.ts';
import { rules } from './rules.ts';

/** A secret in a text. */
export type Hit = {
  readonly rule: string;
  readonly secret: string;
  /** Where it begins (characters). */
  readonly index: number;
};

/**
 * Secrets in a text: those whose form is known, and random values behind names of secrets.
 *
 * @param path - Of the file: what is a secret in one is a word in another.
 * @param nowMs - A token that has run out is none any more.
 */
export function scanText(text: string, path: string, hasEntropy: boolean, nowMs: number): readonly Hit[] {
  const hits: Hit[] = [];
  const add = (hit: Hit): void => {
    const end = hit.index + hit.secret.length;
    if (!hits.some((one) => hit.index < one.index + one.secret.length && one.index < end)) hits.push(hit);
  };
  for (const { id, keywords, pattern } of rules) {
    if (!keywords.some((keyword) => text.includes(keyword))) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.secret ?? match[0];
      const index = match.index + match[0].indexOf(secret);
      if (isStandIn(secret) || !isReal(id, secret, match.groups ?? {}, path, nowMs)) continue;
      add({ rule: id, secret, index });
    }
  }
  if (hasEntropy && hasAssignments(path))
    for (const { secret, index } of assignments(text, path)) add({ rule: 'random-value', secret, index });
  return hits;
}

function isReal(
  rule: string,
  secret: string,
  { host = '', user }: Readonly<Record<string, string | undefined>>,
  path: string,
  nowMs: number,
): boolean {
  switch (rule) {
    case 'jwt':
      return isLive(secret, nowMs);
    case 'connection-string':
      // A host of one word, or a short password, in a test or a page is made up.
      if ((!host.includes('.') || secret.length < 8) && !hasAssignments(path)) return false;
      return isElsewhere(host) && user !== secret && !/^[$%{:]|[{}]$|^\w+\(|^\d+$/.test(secret);
    case 'aws-secret-key':
      return /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);
    default:
      return true;
  }
}

/** Whether a JWT has a header of one, and has not run out. */
function isLive(token: string, nowMs: number): boolean {
  const [header = '', claims = ''] = token.split('.');
  try {
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const { exp, name } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    // What jwt.io shows to everybody.
    if (typeof alg !== 'string' || name === 'John Doe') return false;
    return typeof exp !== 'number' || exp * 1_000 > nowMs;
  } catch {
    return false;
  }
}

/** Whether it is a machine of somebody: this one, and names that belong to nobody (RFC 2606, RFC 6761), are in every guide. */
function isElsewhere(host: string): boolean {
  return !(
    /^(localhost|\[?::1|host|hostname|server|db|database|postgres|mysql|redis|mongo|rabbitmq|host\.docker\.internal)$/i.test(
      host,
    ) || /^127\.|^0\.0\.0\.0|(^|\.)(example|test|invalid|localhost|local)(\.(com|org|net))?$|[${}%\\]/i.test(host)
  );
}
