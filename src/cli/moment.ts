import { UserError } from '../errors.ts';
import { durationMs } from '../spec/unit-text.ts';

const latestMs = 8_640_000_000_000_000;

/**
 * A moment as somebody types it, in unix milliseconds: `2026-05-01`, `2026-05-01T17:04:00Z`, unix seconds such as `git log -1
 * --format=%ct` prints, or how long ago it was: `7d`. Without a zone it is UTC.
 *
 * @param option - Named in the message.
 * @throws UserError `E_INPUT`.
 */
export function momentMs(text: string, option: string, nowMs: number): number {
  const ago = durationMs(text);
  const ms = ago === undefined ? instantMs(text) : Math.max(0, nowMs - ago);
  if (ms !== undefined) return ms;
  throw noMoment(text, option, 'give 2026-05-01, 2026-05-01T17:04:00Z, unix seconds, or how long ago: 7d');
}

/**
 * A moment to come as somebody types it, in unix milliseconds: an instant as above, or how far from now it is: `+2h`.
 *
 * @param option - Named in the message.
 * @throws UserError `E_INPUT`, also for a span without its sign: elsewhere that is how long ago.
 */
export function comingMs(text: string, option: string, nowMs: number): number {
  const span = text.startsWith('+') ? durationMs(text.slice(1)) : undefined;
  const ms = span === undefined ? instantMs(text) : nowMs + span;
  if (ms !== undefined) return ms;
  const instead = durationMs(text) === undefined ? '2026-05-01T17:04:00Z, unix seconds, or +2h from now' : `+${text} from now`;
  throw noMoment(text, option, `give ${instead}`);
}

function instantMs(text: string): number | undefined {
  if (/^\d{1,11}$/.test(text)) return Number(text) * 1_000;
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (iso) {
    const [, day, time = '00:00', zone = 'Z'] = iso;
    const ms = Date.parse(`${day}T${time}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
    // 31 February is another day to a lenient reader.
    const midnight = new Date(`${day}T00:00Z`);
    const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day ?? '?');
    if (isDay && ms >= 0 && ms <= latestMs) return ms;
  }
  return undefined;
}

function noMoment(text: string, option: string, fix: string): UserError {
  return new UserError('E_INPUT', `${option}: expected a time, found ${text}`, { where: option, fix });
}
