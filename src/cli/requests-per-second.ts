import { UserError } from '../errors.ts';

/** What `--rps` says. @throws UserError `E_INPUT`. */
export function requestsPerSecond(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== '') return value;
  throw new UserError('E_INPUT', `--rps ${text} is no number of requests per second`, {
    where: '--rps',
    fix: 'give a number such as 40',
  });
}
