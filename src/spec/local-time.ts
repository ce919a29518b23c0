const dayMs = 86_400_000;

/** What clocks in a time zone show at a moment, in milliseconds as if it was UTC: `new Date(localMs(…)).getUTCHours()` is their hour. */
export function localMs(ms: number, zone: string): number {
  const { before, after, changesAtMs } = offsetsOfDay(Math.floor(ms / dayMs), zone);
  return ms + (ms < changesAtMs ? before : after);
}

/**
 * The first moment in which clocks in a zone show a time or a later one. A time that does not exist, because clocks are put forward over
 * it, is the moment in which they are; of a time that exists twice, because they are put back, it is the first. So a later time is never
 * an earlier moment, and what follows without a gap on the clock does so in truth.
 *
 * @param local - As `localMs` gives it.
 */
export function momentOf(local: number, zone: string): number {
  // Zones lie within a day of UTC, and do not change twice within two days.
  const first = Math.floor(local / dayMs) - 1;
  let offsets = offsetsOfDay(first, zone);
  for (let day = first + 1; day <= first + 2 && offsets.changesAtMs === Number.POSITIVE_INFINITY; day += 1)
    offsets = offsetsOfDay(day, zone);
  const { before, after, changesAtMs } = offsets;
  return local - before < changesAtMs ? local - before : Math.max(changesAtMs, local - after);
}

/** Offsets from UTC on a day of UTC: until a moment and from it on. */
type Offsets = { readonly before: number; readonly after: number; readonly changesAtMs: number };

/** To ask the runtime takes microseconds, and a calendar asks for the same days over and over. */
const known = new Map<string, Map<number, Offsets>>();
const knownDaysMax = 4_000;

function offsetsOfDay(day: number, zone: string): Offsets {
  let days = known.get(zone);
  const found = days?.get(day);
  if (found) return found;
  if (!days || days.size >= knownDaysMax) {
    days = new Map();
    known.set(zone, days);
  }
  const fromMs = day * dayMs;
  const before = shown(fromMs, zone) - fromMs;
  const after = shown(fromMs + dayMs, zone) - fromMs - dayMs;
  const changesAtMs = before === after ? Number.POSITIVE_INFINITY : changeBetween(fromMs, fromMs + dayMs, zone);
  const made = { before, after, changesAtMs };
  days.set(day, made);
  return made;
}

/** The first moment with the offset of the end, where the one of the beginning is another. */
function changeBetween(fromMs: number, untilMs: number, zone: string): number {
  const first = shown(fromMs, zone) - fromMs;
  let [low, high] = [fromMs, untilMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shown(middle, zone) - middle === first) low = middle;
    else high = middle;
  }
  return high;
}

/** What clocks show, asked of the runtime. */
function shown(ms: number, zone: string): number {
  const parts = Object.fromEntries(
    formatIn(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour % 24, minute, second) + (((ms % 1_000) + 1_000) % 1_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const made = formats.get(zone);
  if (made) return made;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, format);
  return format;
}
