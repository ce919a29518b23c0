import { createHash } from 'node:crypto';
import { canonicalText } from '../../readiness/canonical.ts';
import type { ReadinessReport } from '../../readiness/types.ts';

/** What is signed of a report: SHA-256 of its canonical text, in hex. */
export function reportHash(report: ReadinessReport): string {
  return createHash('sha256').update(canonicalText(report)).digest('hex');
}
