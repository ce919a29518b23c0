import { pbkdf2Sync } from 'node:crypto';
import { matchesGlob } from 'node:path';
import type { Hit } from './scan-text.ts';
import type { AllowList } from './schema.ts';

/** A finding as it is told: the secret itself is in none of it. */
export type Found = {
  readonly path: string;
  readonly line: number;
  /** Abbreviated hash of the commit that brought it; null: it is in the tree. */
  readonly commit: string | null;
  readonly rule: string;
  readonly fingerprint: string;
  /** Its first signs where they say what it is, and its length. */
  readonly shown: string;
};

/** Different secrets that are told apart; after that it is enough. */
const secretsMax = 500;
/** Makes guessing from a fingerprint slow: one takes milliseconds. */
const rounds = 10_000;

/** What was found in all, each secret once for each file. Bounded. */
export class Findings {
  readonly #allow: AllowList;
  readonly #fingerprints = new Map<string, string>();
  readonly #seen = new Set<string>();
  readonly found: Found[] = [];
  /** How many were let through. */
  allowed = 0;

  constructor(allow: AllowList) {
    this.#allow = allow;
  }

  get isFull(): boolean {
    return this.#fingerprints.size >= secretsMax;
  }

  add({ rule, secret }: Hit, path: string, line: number, commit: string | null): void {
    if (this.isFull) return;
    const fingerprint = this.#fingerprintOf(rule, secret);
    // In the history the same secret comes again with every change around it.
    const key = `${fingerprint} ${path}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#isAllowed(path, fingerprint)) this.allowed += 1;
    else this.found.push({ path, line, commit, rule, fingerprint, shown: shown(rule, secret) });
  }

  #fingerprintOf(rule: string, secret: string): string {
    const key = `${rule} ${secret}`;
    const known = this.#fingerprints.get(key);
    if (known !== undefined) return known;
    const made = pbkdf2Sync(secret, `rampart secrets ${rule}`, rounds, 8, 'sha256').toString('hex');
    this.#fingerprints.set(key, made);
    return made;
  }

  #isAllowed(path: string, fingerprint: string): boolean {
    return (
      this.#allow.fingerprints.some(({ id }) => id === fingerprint) ||
      this.#allow.paths.some(({ glob }) => matchesGlob(path, glob))
    );
  }
}

const withPrefix =
  /^(?:AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|gl[a-z]+-|xox[a-z]-|xapp-|[sr]k_(?:live|test)_|AIza|npm_|pypi-|SG\.|sk-|hf_|hv[sb]\.|rmp_)/;

function shown(rule: string, secret: string): string {
  const prefix = rule === 'random-value' || rule === 'connection-string' ? '' : (withPrefix.exec(secret)?.[0] ?? '');
  return `${prefix}… (${secret.length} characters)`;
}

/** One line for people. */
export function lineOf({ path, line, commit, rule, fingerprint, shown }: Found): string {
  return `${path}:${line}${commit === null ? '' : ` in commit ${commit}`}: ${rule}: ${shown}, fingerprint ${fingerprint}`;
}
