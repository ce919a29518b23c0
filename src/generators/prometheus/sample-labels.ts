import type { Matcher } from './promql-text.ts';

/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/** What labels often hold, where a pattern says little. */
const usual = ['200', '404', '503', 'ok', 'failed', 'GET', 'shop', 'x', '0', '1'];

/**
 * Labels that matchers accept, so that a test can make a series of them.
 *
 * @param refused - Of several lists of matchers each must refuse the labels.
 * @returns null when none was found; then nothing is said about whether there are any.
 */
export function labelsFor(accepted: readonly Matcher[], refused: readonly (readonly Matcher[])[] = []): Labels | null {
  const names = [...new Set([...accepted, ...refused.flat()].map(({ label }) => label))];
  let found: readonly Labels[] = [{}];
  for (const label of names) {
    const own = accepted.filter((matcher) => matcher.label === label);
    const others = refused.flat().filter((matcher) => matcher.label === label);
    const values = candidates([...own, ...others]).filter((value) => own.every((matcher) => accepts(matcher, value)));
    found = found.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value }))).slice(0, 2_000);
  }
  const right = found.find((labels) =>
    refused.every((matchers) => !matchers.every((one) => accepts(one, labels[one.label] ?? ''))),
  );
  return right ? Object.fromEntries(Object.entries(right).filter(([, value]) => value !== '')) : null;
}

/** Whether a matcher accepts the value of its label, as Prometheus means it. */
export function accepts({ operator, value }: Matcher, given: string): boolean {
  if (operator === '=' || operator === '!=') return (given === value) === (operator === '=');
  const pattern = regExp(value);
  return pattern !== null && pattern.test(given) === (operator === '=~');
}

function candidates(matchers: readonly Matcher[]): readonly string[] {
  const asked = matchers.flatMap(({ operator, value }) => (operator === '=' || operator === '!=' ? [value] : examples(value)));
  const isOptional = matchers.some((one) => accepts(one, ''));
  return [...new Set([...asked, ...usual, ...(isOptional ? [''] : [])])];
}

function regExp(pattern: string): RegExp | null {
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    return null;
  }
}

/** A few texts that a pattern may accept; whether it does is looked at by whoever asks. */
function examples(pattern: string): readonly string[] {
  return new Examples(pattern).all().slice(0, 8);
}

/** Reads the part of RE2 that matchers are written in. */
class Examples {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  all(): readonly string[] {
    const found = [...this.#sequence()];
    while (this.#pattern[this.#at] === '|') {
      this.#at += 1;
      found.push(...this.#sequence());
    }
    return found;
  }

  #sequence(): readonly string[] {
    let found: readonly string[] = [''];
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern[this.#at] ?? '')) {
      const next = this.#repeated(this.#atom());
      found = found.flatMap((before) => next.map((after) => before + after)).slice(0, 8);
    }
    return found;
  }

  #atom(): readonly string[] {
    const sign = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    if (sign === '(') {
      const begin = /^\?(:|P<\w+>)/.exec(this.#pattern.slice(this.#at));
      this.#at += begin?.[0].length ?? 0;
      const inner = this.all();
      this.#at += 1;
      return inner;
    }
    if (sign === '[') return [this.#oneOf()];
    if (sign === '\\') return [this.#escape()];
    if (sign === '.') return ['0', 'a'];
    return sign === '^' || sign === '$' ? [''] : [sign];
  }

  #oneOf(): string {
    const end = this.#pattern.indexOf(']', this.#at + 1);
    const inside = this.#pattern.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 1;
    if (!inside.startsWith('^')) return inside.startsWith('\\d') ? '0' : (inside.replace(/^\\/, '')[0] ?? '');
    return [...'x0A-_'].find((sign) => regExp(`[${inside}]`)?.test(sign)) ?? '';
  }

  #escape(): string {
    const sign = this.#pattern[this.#at] ?? '';
    this.#at += 1;
    return { d: '0', w: 'a', s: ' ', D: 'a', S: 'a', W: '-' }[sign] ?? sign;
  }

  #repeated(one: readonly string[]): readonly string[] {
    const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#at));
    if (!found) return one;
    this.#at += found[0].length;
    const times = Math.min(50, Number(found[1] ?? 1));
    return one.map((text) => text.repeat(times));
  }
}
