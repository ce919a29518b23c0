/** An error shown to a person: what happened, where, what to do; `cause` keeps the original for the log. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: `E_${string}`;
  readonly where: string;
  readonly fix: string;
  constructor(code: `E_${string}`, what: string, more: { where: string; fix: string; cause?: unknown }) {
    super(what, { cause: more.cause });
    this.code = code;
    this.where = more.where;
    this.fix = more.fix;
  }
}

/** One line of text for any thrown value, for logs and events. Never throws. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

/** The `code` that Node puts on system errors (`ECONNREFUSED`, `ENOENT` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
