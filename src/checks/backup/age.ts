import { durationText, sizeText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import type { Found } from './find.ts';
import type { BackupConfig } from './schema.ts';

/** How far clocks of two machines may be apart. */
const skewMs = 300_000;

/** Whether the newest backup is fresh and large enough. */
export function newestAnswers(
  newest: Pick<Found, 'bytes' | 'writtenMs'>,
  { maxAge, minSize }: BackupConfig,
  nowMs: number,
): readonly Answer[] {
  const ageMs = nowMs - newest.writtenMs;
  const size = sizeText(newest.bytes);
  const isLarge = newest.bytes >= minSize;
  const answers: Answer[] = [
    {
      status: isLarge ? 'pass' : 'fail',
      found:
        newest.bytes === 0
          ? { en: 'the newest backup is empty', ru: 'последняя копия пуста' }
          : { en: `the newest backup has ${size}`, ru: `размер последней копии ${size}` },
      expected:
        minSize === 1
          ? { en: 'it is not empty', ru: 'она не пуста' }
          : { en: `${sizeText(minSize)} or more`, ru: `${sizeText(minSize)} или больше` },
      fix: isLarge
        ? null
        : {
            en: 'see what the program that makes it says, and whether its disk is full',
            ru: 'посмотрите, что говорит программа, которая её делает, и не заполнен ли диск',
          },
      figures: { backupBytes: newest.bytes, backupAgeS: Math.round(ageMs / 1_000) },
    },
  ];
  if (maxAge === undefined) return answers;
  const expected = { en: `not older than ${durationText(maxAge)}`, ru: `не старше ${durationText(maxAge)}` };
  if (ageMs < -skewMs)
    answers.push({
      status: 'unproven',
      found: {
        en: `it was written ${ageText(-ageMs)} after now: a clock is wrong`,
        ru: `она записана на ${ageText(-ageMs)} позже текущего времени: часы неверны`,
      },
      expected,
      fix: { en: 'set the clock of both machines (NTP)', ru: 'настройте часы обеих машин (NTP)' },
    });
  else
    answers.push({
      status: ageMs <= maxAge ? 'pass' : 'fail',
      found: { en: `it is ${ageText(ageMs)} old`, ru: `ей ${ageText(ageMs)}` },
      expected,
      fix:
        ageMs <= maxAge
          ? null
          : {
              en: 'see why no newer one was made: the schedule, its log, the disk',
              ru: 'выясните, почему нет более новой: расписание, его журнал, диск',
            },
    });
  return answers;
}

/**
 * Whether backups go back far enough, without a hole. A tenth more than `every` is let pass, because no two take the same time.
 *
 * @param writtenMs - When each was written, the newest first.
 */
export function retentionAnswer(
  writtenMs: readonly number[],
  { for: all, every }: NonNullable<BackupConfig['retention']>,
  nowMs: number,
): Answer {
  const stepMs = every * 1.1;
  const sinceMs = nowMs - all;
  const holes: { readonly from: number; readonly to: number }[] = [];
  let laterMs = nowMs;
  for (const one of [...writtenMs, Number.NEGATIVE_INFINITY]) {
    // What is missing before the time that is asked for is nobody's business.
    const earlierMs = Math.max(one, sinceMs);
    if (laterMs - earlierMs > stepMs) holes.push({ from: earlierMs, to: laterMs });
    if (one <= sinceMs) break;
    laterMs = one;
  }
  const kept = writtenMs.filter((one) => one >= sinceMs).length;
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const [hole] = holes;
  return {
    status: hole ? 'fail' : 'pass',
    found: hole
      ? {
          en: `none between ${day(hole.from)} and ${day(hole.to)} UTC`,
          ru: `нет ни одной между ${day(hole.from)} и ${day(hole.to)} UTC`,
        }
      : { en: `${kept} backups of the last ${durationText(all)}`, ru: `копий за последние ${durationText(all)}: ${kept}` },
    expected: {
      en: `one every ${durationText(every)} of the last ${durationText(all)}`,
      ru: `по одной каждые ${durationText(every)} за последние ${durationText(all)}`,
    },
    fix: hole
      ? {
          en: 'keep them for longer, and see why some were not made',
          ru: 'храните их дольше и выясните, почему некоторые не сделаны',
        }
      : null,
    evidence: holes.slice(0, 10).map(({ from, to }) => `none between ${day(from)} and ${day(to)} UTC`),
    figures: { backupsKept: kept },
  };
}

/** Of what people read, minutes are enough; below one, seconds. */
export function ageText(ms: number): string {
  const unit = Math.abs(ms) < 60_000 ? 1_000 : 60_000;
  return durationText(Math.max(0, Math.round(ms / unit) * unit));
}
