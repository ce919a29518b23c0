/** Metrics of one name. */
export type Family = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
};

/** Series of many families that come in any order, in the text format 0.0.4 of Prometheus. */
export class Exposition {
  /** Of each family what was written, and the lines that came after it. */
  readonly #lines = new Map<Family, string[]>();
  readonly #written = new Map<Family, string[]>();

  /** @param families - In the order in which they are told. */
  constructor(families: readonly Family[]) {
    for (const family of families) this.#lines.set(family, []);
  }

  /** @param suffix - Of a histogram: `_bucket`, `_sum` or `_count`. */
  add(family: Family, labels: Readonly<Record<string, string>>, value: number, suffix = ''): void {
    const lines = this.#lines.get(family);
    if (!lines) throw new Error(`${family.name} is not among the families`);
    const all = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
    lines.push(`${family.name}${suffix}{${all.join(',')}} ${value}\n`);
  }

  /** Does its part of the work of `toString` now. */
  write(): void {
    for (const [family, lines] of this.#lines) {
      if (lines.length === 0) continue;
      this.#written.set(family, [...(this.#written.get(family) ?? []), lines.join('')]);
      lines.length = 0;
    }
  }

  toString(): string {
    this.write();
    return [...this.#lines.keys()]
      .flatMap((family) => {
        const { name, type, help } = family;
        return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, ...(this.#written.get(family) ?? [])];
      })
      .join('');
  }
}

function escaped(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}
