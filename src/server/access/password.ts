import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { UserError } from '../../errors.ts';

/** What makes a verifier costly: N is 2 to the power of `ln`. */
export type Cost = { readonly ln: number; readonly r: number; readonly p: number };

/** 32 MiB and about 0.2 s of one core. @see OWASP Password Storage Cheat Sheet, scrypt: as strong as N=2^17, r=8, p=1 in a quarter of the memory. */
const presentCost: Cost = { ln: 15, r: 8, p: 3 };

/** More than this from a file is no cost of ours, and would take all memory. */
const lnMax = 20;
const saltBytes = 16;
const keyBytes = 32;

/** Hashed at the same time, so that sign-ins leave the controller its cores and memory; and waiting for it. */
const atOnceMax = 2;
const waitingMax = 40;

/** A verifier as text in the PHC form: `$scrypt$ln=15,r=8,p=3$SALT$KEY`. */
const verifierPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Makes and checks password verifiers off the main thread, a bounded number at a time. */
export class Passwords {
  readonly #cost: Cost;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #dummy: Promise<string> | null = null;

  constructor(cost: Cost = presentCost) {
    this.#cost = cost;
  }

  /** What is kept of a password: enough to recognise it, not enough to know it. */
  async verifierOf(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    const { ln, r, p } = this.#cost;
    const key = await this.#derive(password, salt, this.#cost);
    return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
  }

  /**
   * Whether this is the password. Takes as long when there is none (`verifier` null), so that nobody learns by the clock who exists.
   *
   * @returns `renewed`: a verifier at today's cost, to be stored in place of one that was cheaper; null: keep the one there is.
   */
  async check(password: string, verifier: string | null): Promise<{ readonly ok: boolean; readonly renewed: string | null }> {
    this.#dummy ??= this.verifierOf(randomBytes(saltBytes).toString('hex'));
    const parts = verifierPattern.exec(verifier ?? '') ?? verifierPattern.exec(await this.#dummy);
    const [, ln, r, p, salt = '', key = ''] = parts ?? [];
    const cost = { ln: Math.min(Number(ln), lnMax), r: Number(r), p: Number(p) };
    const wanted = Buffer.from(key, 'base64');
    const found = await this.#derive(password, Buffer.from(salt, 'base64'), cost, wanted.length);
    const ok = timingSafeEqual(found, wanted) && parts?.[0] === verifier;
    const isCheaper = cost.ln < this.#cost.ln || cost.r < this.#cost.r || cost.p < this.#cost.p;
    return { ok, renewed: ok && isCheaper ? await this.verifierOf(password) : null };
  }

  async #derive(password: string, salt: Buffer, cost: Cost, bytes = keyBytes): Promise<Buffer> {
    await this.#turn();
    try {
      return await derive(password, salt, cost, bytes);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#busy < atOnceMax) {
      this.#busy += 1;
      return;
    }
    if (this.#waiting.length >= waitingMax)
      throw new UserError('E_TOO_MANY', 'too many people sign in at once', {
        where: 'password',
        fix: 'try again in a few seconds',
      });
    // Whoever ends hands its place on.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function derive(password: string, salt: Buffer, { ln, r, p }: Cost, bytes: number): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r + 1_048_576 };
  // The same characters come in other bytes from another keyboard (RFC 8265, 4.2.2: NFC).
  const text = password.normalize('NFC');
  return new Promise((resolve, reject) =>
    scrypt(text, salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
