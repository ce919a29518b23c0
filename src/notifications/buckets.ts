/** Few enough to be copied with each change, many enough that each of them is small where thousands of messages wait. */
const bucketsMax = 128;

/** A map that is changed by copying a small part of it: each event of a storm changes the one of thousands of messages. */
export class Buckets<Value> {
  readonly size: number;
  readonly #buckets: readonly ReadonlyMap<string, Value>[];

  private constructor(buckets: readonly ReadonlyMap<string, Value>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  static of<Value>(entries: Iterable<readonly [string, Value]> = []): Buckets<Value> {
    const buckets = Array.from({ length: bucketsMax }, () => new Map<string, Value>());
    for (const [key, value] of entries) buckets[bucketOf(key)]?.set(key, value);
    return new Buckets(
      buckets,
      buckets.reduce((sum, { size }) => sum + size, 0),
    );
  }

  get(key: string): Value | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#buckets[bucketOf(key)]?.has(key) ?? false;
  }

  /** The same with this value. */
  with(key: string, value: Value): Buckets<Value> {
    return this.#changed(key, (bucket) => bucket.set(key, value));
  }

  /** The same without this key. */
  without(key: string): Buckets<Value> {
    return this.has(key) ? this.#changed(key, (bucket) => bucket.delete(key)) : this;
  }

  /** In no order. */
  *values(): Generator<Value> {
    for (const bucket of this.#buckets) yield* bucket.values();
  }

  #changed(key: string, change: (bucket: Map<string, Value>) => unknown): Buckets<Value> {
    const at = bucketOf(key);
    const before = this.#buckets[at];
    const bucket = new Map(before);
    change(bucket);
    return new Buckets(this.#buckets.with(at, bucket), this.size + bucket.size - (before?.size ?? 0));
  }
}

/** FNV-1a. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % bucketsMax;
}
