import { UserError } from '../../errors.ts';

/** Where a list goes on: after this position of the log, newest first. It means nothing to a client, and is good for one list only. */
export function cursorAt(list: string, seq: number): string {
  return Buffer.from(`${list} ${seq}`).toString('base64url');
}

/**
 * The position in a cursor.
 *
 * @throws UserError `E_INPUT` for one that this list has not given out.
 */
export function seqIn(list: string, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, name, digits] = /^([a-z]+) ([1-9]\d{0,15})$/.exec(text) ?? [];
  const seq = Number(digits);
  // What is decoded leniently must not be accepted leniently: one text is one cursor.
  if (name === list && Number.isSafeInteger(seq) && cursorAt(list, seq) === cursor) return seq;
  throw new UserError('E_INPUT', `cursor: this is no \`next\` of this list`, {
    where: 'cursor',
    fix: 'send `next` of the page before as it came, or leave it out to begin with the newest',
  });
}
