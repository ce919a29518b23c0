import { isMapping } from '../../spec/mapping.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import { atPointer } from '../json-pointer.ts';

/** One snapshot, wherever it is kept. */
export type Snapshot = {
  readonly name: string;
  /** When it was taken, Unix ms; null: nobody says. */
  readonly takenMs: number | null;
  /** Whether it is whole, and can be used. */
  readonly isReady: boolean;
  /** Claim that it was taken of; null: unknown. */
  readonly claim: string | null;
};

export type Wanted = { readonly maxAge: number; readonly min: number; readonly for?: number | undefined };

/** How far clocks of two machines may be apart. */
const skewMs = 300_000;

/** A `VolumeSnapshot` of the API group snapshot.storage.k8s.io/v1. */
export function ofKubernetes(object: unknown): Snapshot {
  const text = (place: string): string | null => {
    const value = atPointer(object, place);
    return typeof value === 'string' ? value : null;
  };
  return {
    name: text('/metadata/name') ?? '?',
    takenMs: momentMs(text('/status/creationTime')),
    isReady: atPointer(object, '/status/readyToUse') === true,
    claim: text('/spec/source/persistentVolumeClaimName'),
  };
}

/**
 * Snapshots in the JSON of a program.
 *
 * @returns null where the list is none.
 */
export function ofProgram(
  document: unknown,
  places: {
    readonly list: string;
    readonly time: string;
    readonly ready?: { readonly at: string; readonly is: unknown } | undefined;
  },
): readonly Snapshot[] | null {
  const list = atPointer(document, places.list);
  if (!Array.isArray(list)) return null;
  return list.map((item: unknown) => ({
    name: nameOf(item),
    takenMs: momentMs(atPointer(item, places.time)),
    isReady: places.ready === undefined || atPointer(item, places.ready.at) === places.ready.is,
    claim: null,
  }));
}

/** The first of the names that programs of clouds give. */
function nameOf(item: unknown): string {
  if (!isMapping(item)) return '?';
  const name = ['name', 'Name', 'SnapshotId', 'id', 'Id'].map((key) => item[key]).find((value) => typeof value === 'string');
  return typeof name === 'string' ? name.slice(0, 100) : '?';
}

/** A moment as ISO 8601, or in seconds or milliseconds since 1970. */
export function momentMs(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value < 100_000_000_000 ? value * 1_000 : value;
  if (typeof value !== 'string') return null;
  if (/^\d{9,13}$/.test(value)) return momentMs(Number(value));
  // Without a zone a date would be taken for one of this machine's.
  const text = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value;
  const found = Date.parse(text);
  return Number.isFinite(found) ? found : null;
}

/** Whether there are enough, and the newest is fresh. */
export function snapshotsAnswer(
  all: readonly Snapshot[],
  { maxAge, min, for: oldest }: Wanted,
  claim: string | null,
  nowMs: number,
): Answer {
  const [of, ofRu] = claim === null ? ['', ''] : [` of ${claim}`, ` тома ${claim}`];
  const expected = {
    en: `${min} snapshots${of} or more, the newest not older than ${durationText(maxAge)}${oldest === undefined ? '' : `, the oldest of ${durationText(oldest)} or more`}`,
    ru: `снимков${ofRu} не меньше ${min}, последний не старше ${durationText(maxAge)}${oldest === undefined ? '' : `, самый старый не моложе ${durationText(oldest)}`}`,
  };
  const own = claim === null ? all : all.filter((one) => one.claim === claim);
  const ready = own.filter((one): one is Snapshot & { takenMs: number } => one.isReady && one.takenMs !== null);
  const times = ready.map(({ takenMs }) => takenMs).sort((a, b) => b - a);
  const figures = { [`snapshots${claim === null ? '' : `.${claim}`}`]: times.length };
  const answer = (status: Answer['status'], found: Answer['found'], fix: Answer['fix']): Answer => ({
    status,
    found,
    expected,
    fix,
    figures,
  });
  const [newest] = times;
  if (newest === undefined) {
    const rest = own.length > 0 ? { en: `, ${own.length} are not ready`, ru: `, не готово: ${own.length}` } : { en: '', ru: '' };
    return answer('fail', { en: `there is no snapshot${of}${rest.en}`, ru: `нет ни одного снимка${ofRu}${rest.ru}` }, schedule);
  }
  const ageMs = nowMs - newest;
  const age = durationText(Math.max(0, Math.round(ageMs / 60_000)) * 60_000);
  if (ageMs < -skewMs)
    return answer(
      'unproven',
      {
        en: `the newest snapshot${of} was taken after now: a clock is wrong`,
        ru: `последний снимок${ofRu} позже текущего времени: часы неверны`,
      },
      { en: 'set the clock of both machines (NTP)', ru: 'настройте часы обеих машин (NTP)' },
    );
  if (ageMs > maxAge)
    return answer('fail', { en: `the newest snapshot${of} is ${age} old`, ru: `последнему снимку${ofRu} ${age}` }, schedule);
  if (times.length < min)
    return answer('fail', { en: `${times.length} snapshots${of}`, ru: `снимков${ofRu}: ${times.length}` }, keep);
  if (oldest !== undefined && nowMs - (times.at(-1) ?? nowMs) < oldest)
    return answer(
      'fail',
      {
        en: `the oldest snapshot${of} is younger than ${durationText(oldest)}`,
        ru: `самый старый снимок${ofRu} моложе ${durationText(oldest)}`,
      },
      keep,
    );
  return answer(
    'pass',
    { en: `${times.length} snapshots${of}, the newest ${age} old`, ru: `снимков${ofRu}: ${times.length}, последнему ${age}` },
    null,
  );
}

const schedule = {
  en: 'see why none is taken: the schedule, and the state of the last ones',
  ru: 'выясните, почему снимки не делаются: расписание и состояние последних',
};
const keep = { en: 'keep more of them', ru: 'храните их больше' };
