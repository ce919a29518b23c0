import type { BurnTier } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';

/** A tier as it stands in a document, on one line. */
export function tierLine({ name, sharePpm, longMs, shortMs, minBad, forMs = 0, tells }: BurnTier): string {
  const parts = [
    `name: ${name}`,
    `budget: ${percentText(sharePpm)}`,
    `in: ${durationText(longMs)}`,
    `short: ${durationText(shortMs)}`,
    `minBad: ${minBad}`,
    ...(forMs > 0 ? [`for: ${durationText(forMs)}`] : []),
    `tells: ${tells}`,
  ];
  return `{ ${parts.join(', ')} }`;
}
