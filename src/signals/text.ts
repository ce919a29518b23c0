import type { Language } from '../analysis/sentence.ts';
import { durationText, levelText, percentText } from '../analysis/wording.ts';
import { durationRu, levelRu, percentRu } from '../analysis/wording-russian.ts';
import type { AssessedSignal, SignalGroup } from './types.ts';

const titles: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    latencyP50: 'p50',
    latencyP95: 'p95',
    latencyP99: 'p99',
    traffic: 'requests',
    errors: 'failed requests',
    cpu: 'CPU',
    memory: 'memory',
    disk: 'disk',
    fileDescriptors: 'file descriptors',
    connections: 'connections',
    databasePool: 'database pool',
    queue: 'queue',
    threads: 'threads',
    inFlight: 'requests under way',
    clientConnections: 'connections of clients',
  },
  ru: {
    latencyP50: 'p50',
    latencyP95: 'p95',
    latencyP99: 'p99',
    traffic: 'запросы',
    errors: 'неудачные запросы',
    cpu: 'процессор',
    memory: 'память',
    disk: 'диск',
    fileDescriptors: 'файловые дескрипторы',
    connections: 'соединения',
    databasePool: 'пул соединений с БД',
    queue: 'очередь',
    threads: 'потоки',
    inFlight: 'запросы в обработке',
    clientConnections: 'соединения клиентов',
  },
};

/** What a signal is called; one of the document's own is called as there. */
export function signalTitle(name: string, language: Language): string {
  return Object.hasOwn(titles[language], name) ? (titles[language][name] ?? name) : name;
}

const words = {
  en: {
    above: { target: 'above the target of', warning: 'more than', critical: 'more than' },
    of: 'of',
    is: ' is ',
    perSecond: 'requests/s',
    fail: (share: string) => `${share} of requests fail`,
    noTraffic: 'no requests in the last minute',
    nothing: 'nothing is known of its requests',
    unknown: (title: string) => `${title}: not known`,
    nobody: 'nobody who is asked knows it',
    'not-yet': 'it was not read yet',
    silent: 'nothing was heard of it lately',
    alsoUnknown: 'not known',
    fullest: 'the fullest',
    noLevels: 'known, and without levels',
  },
  ru: {
    above: { target: 'больше цели', warning: 'больше', critical: 'больше' },
    of: 'из',
    is: ' — ',
    perSecond: 'запросов/с',
    fail: (share: string) => `неудачных запросов ${share}`,
    noTraffic: 'за последнюю минуту запросов не было',
    nothing: 'о запросах ничего не известно',
    unknown: (title: string) => `${title}: неизвестно`,
    nobody: 'этого не знает никто из тех, кого можно спросить',
    'not-yet': 'ещё не прочитано',
    silent: 'давно ничего не слышно',
    alsoUnknown: 'неизвестно',
    fullest: 'полнее всего',
    noLevels: 'известно, уровней нет',
  },
} as const;

/** A value of a signal in its unit: `1.2s`, `81 %`, `5,010`. */
export function valueText({ unit, of }: Pick<AssessedSignal, 'unit' | 'of'>, value: number, language: Language): string {
  switch (unit) {
    case 'ms':
      return language === 'en' ? durationText(value) : durationRu(value);
    case 'share': {
      // To two digits after the point: more would only move.
      const ppm = Math.round(value * 1e4) * 100;
      return language === 'en' ? percentText(ppm) : percentRu(ppm);
    }
    case 'number':
      return amountText(value, of, language);
  }
}

/** What a share is made of: `45.5 GiB of 50 GiB`; null where that says no more than the share. */
export function partsText({ used, limit, of, unit }: AssessedSignal, language: Language): string | null {
  if (unit !== 'share' || used === null || limit === null || limit === 1) return null;
  return `${amountText(used, of, language)} ${words[language].of} ${amountText(limit, of, language)}`;
}

/** One clause of what a signal is, with its numbers and the level that it has crossed. */
export function signalText(signal: AssessedSignal, language: Language): string {
  const say = words[language];
  const { name, group, value, levels, state, unit } = signal;
  const title = signalTitle(name, language);
  if (state === 'no-traffic') return say.noTraffic;
  if (value === null || state === 'unknown') return unknownText(signal, language);
  const number = valueText(signal, value, language);
  const parts = partsText(signal, language);
  const crossed = state === 'critical' || state === 'warning' ? state : isOverTarget(signal) ? 'target' : null;
  // Things in the plural are counted, and not equal to a number.
  const is = unit === 'number' ? ': ' : crossed ? say.is : ' ';
  const what =
    group === 'traffic'
      ? `${number} ${say.perSecond}`
      : name === 'errors'
        ? say.fail(number)
        : `${title}${is}${number}${parts ? ` (${parts})` : ''}`;
  const level = crossed && levels[crossed];
  return level === null
    ? what
    : `${what}, ${say.above[crossed ?? 'target']} ${valueText({ unit, of: signal.of }, level, language)}`;
}

/** Why a signal is not known. */
function unknownText({ name, group, notKnown }: AssessedSignal, language: Language): string {
  const say = words[language];
  if (group !== 'saturation') return say.nothing;
  const why = notKnown?.kind === 'said' ? notKnown.said : say[notKnown?.kind ?? 'nobody'];
  return `${say.unknown(signalTitle(name, language))}: ${why}`;
}

function isOverTarget({ value, levels: { target } }: AssessedSignal): boolean {
  return value !== null && target !== null && value > target;
}

/** How a group is, in one sentence without a full stop: what crosses a level, else what there is to know. */
export function groupText(group: SignalGroup, signals: readonly AssessedSignal[], language: Language): string {
  const say = words[language];
  const grave = (['critical', 'warning'] as const).flatMap((state) => signals.filter((signal) => signal.state === state));
  const missing = signals.filter(({ state, isAsked }) => state === 'unknown' && isAsked);
  if (group !== 'saturation') {
    if (grave.length > 0) return joined(grave, language);
    const [first] = signals;
    if (!first || first.state === 'unknown') return say.nothing;
    if (first.state === 'no-traffic') return say.noTraffic;
    return joined(signals, language);
  }
  if (grave.length > 0 || missing.length > 0) return joined([...grave, ...missing], language);
  const fullest = signals
    .filter(({ unit, state }) => unit === 'share' && state === 'ok')
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))[0];
  const unknown = signals.filter(({ state }) => state === 'unknown').map(({ name }) => signalTitle(name, language));
  const known = signals.some(({ state }) => state !== 'unknown');
  return [
    ...(fullest ? [`${say.fullest}: ${signalText(fullest, language)}`] : known ? [say.noLevels] : []),
    ...(unknown.length > 0 ? [`${say.alsoUnknown}: ${unknown.join(', ')}`] : []),
  ].join('; ');
}

function joined(signals: readonly AssessedSignal[], language: Language): string {
  return signals.map((signal) => signalText(signal, language)).join('; ');
}

const byteUnits = [
  ['GiB', 'ГиБ', 1_073_741_824],
  ['MiB', 'МиБ', 1_048_576],
  ['KiB', 'КиБ', 1_024],
] as const;

function amountText(value: number, of: string | null, language: Language): string {
  const level = language === 'en' ? levelText : levelRu;
  if (of !== 'B') return of === null ? level(value) : `${level(value)} ${of}`;
  const unit = byteUnits.find(([, , bytes]) => value >= bytes);
  const [en, ru, bytes] = unit ?? ['B', 'Б', 1];
  return `${level(Number((value / bytes).toPrecision(3)))} ${language === 'en' ? en : ru}`;
}
