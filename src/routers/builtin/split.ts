/** Weights are served in steps of 0.01 %: a user's bucket is one of these, and the candidate has the first `cut` of them. */
export const bucketsMax = 10_000;

/** Number of buckets that belong to the candidate at this weight (percent, 0–100). */
export function cutOf(weightPercent: number): number {
  return Math.round((weightPercent * bucketsMax) / 100);
}

/**
 * Seed of a service's buckets. It depends on nothing but the service's name: a user keeps the bucket over releases, restarts
 * and workers, and has unrelated buckets in two services.
 */
export function seedOf(service: string): number {
  return absorb(0x811c9dc5, service);
}

/** The user's bucket, 0 ≤ bucket < 10,000, evenly spread. */
export function bucketFor(seed: number, key: string): number {
  return settle(absorb(seed, key));
}

/**
 * An id whose bucket lies on the given side of the cut, made from `base` (random, unique). The side that is `cut` buckets wide
 * is asked for that share of the time, so the attempts average two per id at every weight.
 */
export function idOnSide(seed: number, cut: number, candidate: boolean, base: string): string {
  // A side without buckets cannot be hit; the caller does not ask for it, and must not hang if it does.
  if (candidate ? cut <= 0 : cut >= bucketsMax) return base;
  const state = absorb(seed, base);
  for (let attempt = 0; attempt < 1_000_000; attempt++) {
    const suffix = attempt.toString(36);
    if (settle(absorb(state, suffix)) < cut === candidate) return base + suffix;
  }
  return base;
}

/**
 * Chooses for requests without a user: after any number of requests at one weight, the candidate has had its share of them to
 * within one request. Chance would be off by dozens in a thousand.
 */
export class EvenChoice {
  private due = 0;

  isCandidate(cut: number): boolean {
    this.due += cut;
    if (this.due < bucketsMax) return false;
    this.due -= bucketsMax;
    return true;
  }
}

/** FNV-1a over UTF-16 code units, 32 bits; can be continued with more text. */
function absorb(state: number, text: string): number {
  let hash = state;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Murmur3's finalizer: FNV alone leaves keys that differ in the last letter in neighbouring buckets. */
function settle(state: number): number {
  let hash = state;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % bucketsMax;
}
