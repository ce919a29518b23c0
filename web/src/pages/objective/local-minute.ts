export const minuteMs = 60_000;

/** A moment as a field of the kind `datetime-local` has it: in the zone of the browser, to the minute. Pure but for the zone. */
export function localMinute(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
