export const minuteMs = 60_000;

/** A moment as a field of the kind `datetime-local` has it: in the zone of the browser, to the minute. Pure but for the zone. */
export function localMinute(atMs: number): string {
  const at = new Date(atMs);
  return `${localDay(atMs)}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A moment as a field of the kind `date` has it: the day in the zone of the browser. Pure but for the zone. */
export function localDay(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
