import type { Language } from './index.ts';

/** Writes numbers, moments and spans as a language does. Made once per language: `Intl` objects are dear. */
export type Format = ReturnType<typeof formatOf>;

const secondMs = 1_000;
const units = [
  ['day', 86_400 * secondMs],
  ['hour', 3_600 * secondMs],
  ['minute', 60 * secondMs],
  ['second', secondMs],
] as const;

export function formatOf(language: Language) {
  const locale = language === 'ru' ? 'ru-RU' : 'en-GB';
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
  const little = new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 3 });
  const exact = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 4 });
  const coarse = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const signed = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2, signDisplay: 'exceptZero' });
  const signedMs = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3, signDisplay: 'exceptZero' });
  const unit = Object.fromEntries(
    units.map(([name]) => [
      name,
      new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow', maximumFractionDigits: 0 }),
    ]),
  );
  const milliseconds = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'millisecond',
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  });
  const seconds = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: 1,
  });
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

  const parts = (ms: number, name: (typeof units)[number][0], value: number) => unit[name]?.format(value) ?? `${ms}`;

  return {
    locale,
    number: (value: number | null) => (value === null ? '–' : number.format(value)),
    fine: (value: number | null) => (value === null ? '–' : fine.format(value)),
    /** A share of 0–1. */
    share: (value: number | null) => (value === null ? '–' : percent.format(value)),
    /** A share with three digits, however little it is: 0.0017 % of a budget is not 0 %. */
    fineShare: (value: number | null) => (value === null ? '–' : little.format(value)),
    /** A share to parts per million, as targets are: 99.95 % is not 100 %. */
    exactShare: (value: number | null) => (value === null ? '–' : exact.format(value)),
    /** How many times as much: `14.4×`. */
    times: (value: number | null) => (value === null ? '–' : `${fine.format(value)}×`),
    coarseShare: (value: number | null) => (value === null ? '–' : coarse.format(value)),
    signedShare: (value: number | null) => (value === null ? '–' : signed.format(value)),
    /** Percent of 0–100, as weights are. */
    weight: (value: number) => percent.format(value / 100),
    ms: (value: number | null) => (value === null ? '–' : milliseconds.format(value)),
    signedNumber: (value: number | null) => (value === null ? '–' : signedMs.format(value)),
    seconds: (value: number | null) => (value === null ? '–' : seconds.format(value)),
    bytes: (value: number | null) => (value === null ? '–' : byteText(value, locale)),
    /** The two largest units: `3m 20s`. */
    duration: (ms: number): string => {
      if (ms < secondMs) return ms <= 0 ? parts(0, 'second', 0) : milliseconds.format(Math.round(ms));
      const at = units.findIndex(([, size]) => ms >= size);
      const [name, size] = units[Math.max(at, 0)] ?? units[3];
      const next = units[at + 1];
      const whole = Math.floor(ms / size);
      const rest = next ? Math.floor((ms - whole * size) / next[1]) : 0;
      return next && rest > 0 ? `${parts(ms, name, whole)} ${parts(ms, next[0], rest)}` : parts(ms, name, whole);
    },
    /** `5 min. ago`. A moment just ahead, by the time an answer took, is now. */
    ago: (ms: number): string => {
      const positive = Math.max(ms, 0);
      const found = units.find(([, size]) => positive >= size) ?? units[3];
      return relative.format(-Math.floor(positive / found[1]), found[0]);
    },
    time: (atMs: number) => time.format(atMs),
    date: (atMs: number) => date.format(atMs),
    day: (atMs: number) => day.format(atMs),
    moment: (atMs: number) => full.format(atMs),
  };
}

function byteText(value: number, locale: string): string {
  const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(value > 0 ? Math.floor(Math.log10(value) / 3) : 0, sizes.length - 1);
  const unit = sizes[power] ?? 'byte';
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: 3 });
  return format.format(value / 1_000 ** power);
}
