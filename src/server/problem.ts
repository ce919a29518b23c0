import { UserError } from '../errors.ts';
import { SpecError } from '../spec/problem.ts';

/** An error as the API answers it (RFC 9457), with the wording of the CLI. */
export type ProblemDetails = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly where: string;
  readonly fix: string;
  /** Problems of a document, one each, when the error is about one. */
  readonly problems?: readonly unknown[];
};

const statusByCode: Readonly<Record<string, number>> = {
  E_SPEC: 422,
  E_INPUT: 400,
  E_UNAUTHORIZED: 401,
  E_SIGN_IN_REFUSED: 401,
  E_FORBIDDEN: 403,
  E_CSRF: 403,
  E_MISDIRECTED: 421,
  E_UNKNOWN_RELEASE: 404,
  E_UNKNOWN_GROUP: 404,
  E_UNKNOWN_TIMELINE: 404,
  E_UNKNOWN_INCIDENT: 404,
  E_UNKNOWN_ITEM: 404,
  E_UNKNOWN_ENTRY: 404,
  E_UNKNOWN_POST: 404,
  E_UNKNOWN_MAINTENANCE: 404,
  E_UNKNOWN_SUBSCRIBER: 404,
  E_SUBSCRIBER_STORE: 503,
  E_UNKNOWN_STEP: 404,
  E_UNKNOWN_POLICY: 404,
  E_UNKNOWN_SCHEDULE: 404,
  E_UNKNOWN_PERSON: 404,
  E_UNKNOWN_SERVICE: 404,
  E_UNKNOWN_USER: 404,
  E_UNKNOWN_SILENCE: 404,
  E_UNKNOWN_ALERT: 404,
  E_UNKNOWN_TOKEN: 404,
  E_UNKNOWN_FLAG: 404,
  E_UNKNOWN_FLAG_SET: 404,
  E_UNKNOWN_OBJECTIVE: 404,
  E_UNKNOWN_CORRECTION: 404,
  E_UNKNOWN_CHECKLIST: 404,
  E_UNKNOWN_RUN: 404,
  E_UNKNOWN_EVIDENCE: 404,
  E_UNKNOWN_OVERRIDE: 404,
  E_UNKNOWN_NOTIFIER: 404,
  E_UNKNOWN_PATH: 404,
  E_REFUSED: 409,
  E_CHANGED: 409,
  E_REPLAYED: 409,
  E_NOTHING_TO_ROLL_BACK: 409,
  E_UNDER_WAY: 409,
  E_RESTART_REFUSED: 409,
  E_NO_RESTART: 409,
  E_KEY_IN_USE: 409,
  E_LINK_VOID: 410,
  E_KEY_REUSED: 422,
  E_BAD_CORRECTION: 422,
  E_BAD_OBJECTIVE: 422,
  E_CHECKLIST: 422,
  E_SPEC_UNREADABLE: 422,
  E_EVIDENCE: 422,
  E_TOO_MANY: 429,
  E_OIDC_UNREACHABLE: 502,
  E_LOG_FAILING: 503,
  E_ACCESS_STORE: 503,
  E_STOPPED: 503,
  E_STREAMS_FULL: 503,
  E_ALERTS_FULL: 503,
};

/** Puts any error into the form of the API. Our own mistakes say no more than that they are ours. */
export function problemOf(error: unknown): ProblemDetails {
  if (error instanceof UserError) {
    const status = statusByCode[error.code] ?? 500;
    const details = { type: 'about:blank', title: error.message, status, code: error.code, where: error.where, fix: error.fix };
    return error instanceof SpecError ? { ...details, problems: error.problems } : details;
  }
  return {
    type: 'about:blank',
    title: 'Rampart made a mistake',
    status: 500,
    code: 'E_INTERNAL',
    where: 'controller',
    fix: 'look into the log of the controller, and report it',
  };
}
