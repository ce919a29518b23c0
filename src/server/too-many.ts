import { UserError } from '../errors.ts';

/** Somebody asks too often. The answer has the wait as its `Retry-After`. */
export class TooMany extends UserError {
  readonly retryAfterS: number;

  /**
   * @param where - What is limited: `sign-in`, `token ci`.
   * @param retryAfterS - Seconds until another try may succeed, at least 1.
   */
  constructor(what: string, where: string, retryAfterS: number) {
    super('E_TOO_MANY', what, { where, fix: `try again in ${Math.max(1, retryAfterS)} s` });
    this.retryAfterS = Math.max(1, retryAfterS);
  }
}
