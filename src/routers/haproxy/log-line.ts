import type { ErrorClass } from '../../analysis/sample.ts';

/** A request that has ended, as HAProxy's log tells it. */
export type LoggedRequest = {
  readonly backend: string;
  readonly server: string;
  /** From the first byte of the request to the last one of the answer. */
  readonly ms: number;
  /** How it failed; null: it did not. */
  readonly failed: ErrorClass | null;
  /** The client gave up, so that nobody knows what the server would have answered. */
  readonly isAborted: boolean;
};

/** `backend/server TR/Tw/Tc/Tr/Ta status bytes - - tsc` of `option httplog`, wherever in the line that is. */
const httplog =
  / ([^\s/]{1,200})\/(\S{1,200}) -?\d+\/-?\d+\/-?\d+\/-?\d+\/\+?(-?\d+) (-?\d+) \+?\d+ \S+ \S+ ([A-Za-z-]{2})\S* \d+\/\d+\/\d+\/\d+\/\+?\d+ /;

/** What is read stands before the request line, which a client can make long. */
const headCharsMax = 1_000;

/**
 * Reads one line of `option httplog` (HAProxy 2.6, configuration manual 8.2.3). Null for every other line.
 *
 * The two letters are who ended the session and in which phase (8.5): `C` and `c` the client, `S` the server, `s` a server that took too
 * long; `C` while connecting, `H` before the head of the answer, `D` in its body.
 */
export function loggedRequest(line: string): LoggedRequest | null {
  const [, backend, server, ms, status, ended] = httplog.exec(line.slice(0, headCharsMax)) ?? [];
  if (backend === undefined || server === undefined || ended === undefined) return null;
  const by = ended[0] ?? '-';
  return {
    backend,
    server,
    ms: Math.max(0, Number(ms)),
    failed: failureOf(by, ended[1] ?? '-', Number(status)),
    isAborted: by === 'C' || by === 'c',
  };
}

function failureOf(by: string, phase: string, status: number): ErrorClass | null {
  if ((by === 'S' || by === 's') && phase === 'C') return 'connect';
  if (by === 's') return 'timeout';
  if (by === 'S' || (by === 'P' && status >= 500)) return 'broken';
  return status >= 500 ? 'status' : null;
}
