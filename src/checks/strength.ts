/** Values that programs and guides come with: whoever leaves them is open to everybody. */
const defaults =
  /^(change[-_ ]?(me|it|this).*|secret(key)?|passw(or)?d|pass|admin(istrator)?|root|user|guest|test(ing)?|demo|example|default|dummy|sample|todo|tbd|fixme|none|null|undefined|xxx+|\*+|\.{3,}|placeholder|qwerty\w*|letmein|welcome|abc123|1234*5*6*7*8*9*|0+|1+|postgres|mysql|minio(admin)?|rabbitmq|redis|my[-_]?secret.*|s3cr3t|p@ssw0rd|key|token|api[-_]?key|jwt[-_]?secret)\d{0,4}!*$/i;

/** Marks of a place that somebody was meant to fill in. */
const placeholder =
  /^(<[^>]+>|\$?\{+[^}]+\}+|%[A-Z_]+%|__\w+__|\[[A-Za-z _-]+\])$|^(your|insert|replace|put|enter|add)[-_ ]|(change[-_]?me|replace[-_]?me|your[-_](api|secret|key|token|password)|insecure)/i;

/** Words that a random value of this length does not have by chance. */
const words =
  /password|secret|administrator|example|default|development|production|staging|changeme|qwerty|123456789|abcdefghi|letmein/i;

/** What is wrong with a value, by itself; null: nothing. The value stands in none of them. */
export type Weakness =
  | { readonly kind: 'default' }
  | { readonly kind: 'placeholder' }
  | { readonly kind: 'short'; readonly length: number; readonly least: number }
  | { readonly kind: 'word' }
  | { readonly kind: 'not-random'; readonly bits: number };

/** Whether nobody has thought of the value: it is one that comes with a program, or stands for one. */
export function isDefault(value: string): Weakness | null {
  const bare = value.trim();
  if (placeholder.test(bare)) return { kind: 'placeholder' };
  return defaults.test(bare) ? { kind: 'default' } : null;
}

/** Least length of a value that has to be strong: 32 digits of base 16 are 128 bits (NIST SP 800-131A asks for 112). */
export const strongLength = 32;
/** Bits that signs of 32 random digits of base 16 make, less what chance takes. */
const strongBits = 96;

/** Whether somebody may guess a value: too short, made of words, or always the same few signs. */
export function weakness(value: string, least: number): Weakness | null {
  const bare = value.trim();
  const plain = isDefault(bare);
  if (plain) return plain;
  if ([...bare].length < least) return { kind: 'short', length: [...bare].length, least };
  if (words.test(bare)) return { kind: 'word' };
  const bits = Math.floor(patternBits(bare));
  return bits < strongBits ? { kind: 'not-random', bits } : null;
}

/**
 * About how many bits a value holds: Shannon's entropy of its signs, or of the steps between them, whichever is less, so that
 * `abcdefgh…` and `121212…` hold few.
 */
export function patternBits(value: string): number {
  const codes = [...value].map((sign) => sign.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  return Math.min(entropy(codes), entropy(steps)) * codes.length;
}

/** Bits of each sign. */
function entropy(codes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / codes.length) * Math.log2(count / codes.length);
  return bits;
}
