import { createHash } from 'node:crypto';

/** Labels by which everything that belongs to a version of a service is found. */
export const serviceLabel = 'rampart.dev/service';
export const versionLabel = 'rampart.dev/version';

/** Longest value of a label, and longest name of a Service (RFC 1123 label). */
const charsMax = 63;
const hashChars = 6;
/** Of a service's name in the names of its objects; the rest is for the version. */
const baseMax = 40;

/**
 * The value of `versionLabel` for a version: the version itself where it can be one (letters, digits, `-_.` inside, at most 63
 * characters), else what is left of it and a hash, so that two versions never share a value.
 */
export function labelValueOf(version: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(version)) return version;
  const kept = trimmed(version.replace(/[^A-Za-z0-9_.-]+/g, '-')).slice(0, charsMax - hashChars - 1);
  return `${trimmed(kept) || 'version'}-${hashOf(version)}`;
}

/**
 * The name of the objects of a version: `checkout-1-1-0-4f2a9c`. Names may have no dots where a Service is meant, so the hash is what
 * tells 1.1.0 from 1-1-0, and `a` with `b-1` from `a-b` with `1`.
 *
 * @param service - An RFC 1123 label.
 */
export function objectName(service: string, version: string): string {
  // The name of a Service has to begin with a letter (RFC 1035).
  const base = service
    .replace(/^(?![a-z])/, 's-')
    .slice(0, baseMax)
    .replace(/-+$/, '');
  const slug = version
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, charsMax - hashChars - 2 - base.length)
    .replace(/^-+|-+$/g, '');
  return [base, slug, hashOf(`${service}/${version}`)].filter((part) => part !== '').join('-');
}

function hashOf(version: string): string {
  return createHash('sha256').update(version).digest('hex').slice(0, hashChars);
}

function trimmed(text: string): string {
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
