import { messageOf } from '../errors.ts';
import type { Answer } from './answers.ts';
import { type Failure, failureOf, lateness } from './failure-reason.ts';

/** What a program or a library says of an error, as a part of a sentence: its first line, without the full stop. */
export function said(error: unknown): string {
  const [line = ''] = messageOf(error).trim().split('\n');
  return line.slice(0, 300).replace(/[.\s]+$/, '') || 'an error without a message';
}

/**
 * A server that cannot be reached, or whose certificate is not trusted: `fail`.
 *
 * @param server - Its address, without a password.
 * @param withinMs - For how long it was waited for, where that is why; null: it is not.
 */
export function unreachable(server: string, error: unknown, withinMs: number | null = null): Answer {
  return notReached(withinMs === null ? failureOf(error, server) : lateness(withinMs, server));
}

/** The same where it is known already why. */
export function notReached({ text, fix }: Failure): Answer {
  const found = typeof text === 'string' ? said(new Error(text)) : text;
  return { status: 'fail', found, expected: { en: 'an answer', ru: 'ответ' }, fix };
}
