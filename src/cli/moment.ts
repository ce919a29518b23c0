import { UserError } from '../errors.ts';
import { durationMs } from '../spec/units.ts';

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
  if (ago !== undefined) return Math.max(0, nowMs - ago);
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
  throw new UserError('E_INPUT', `${option}: expected a time, found ${text}`, {
    where: option,
    fix: 'give 2026-05-01, 2026-05-01T17:04:00Z, unix seconds, or how long ago: 7d',
  });
}
