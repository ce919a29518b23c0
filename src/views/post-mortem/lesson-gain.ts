import { said } from '../../analysis/figures.ts';
import type { Lesson } from '../../incidents/learning/types.ts';
import type { Text } from '../../spec/text.ts';

/** How much sooner the alert of a lesson would have told of its incident, and at what price. */
export function lessonGain({ now, then, earlierMs, extraFalseAlarms }: Omit<Lesson, 'diff'>): Text {
  const before = now.detectedMs;
  return said(
    ({ span, n }) =>
      `after ${span(then.detectedMs ?? 0)} in place of ${before === null ? 'never' : `${span(before)}, ${span(earlierMs)} before anything told of it`}; ${n(extraFalseAlarms)} more false alarms in ${span(then.judgedMs)} on record`,
    ({ span, n }) =>
      `через ${span(then.detectedMs ?? 0)} вместо ${before === null ? '«никогда»' : `${span(before)}, на ${span(earlierMs)} раньше всех оповещений`}; дополнительных ложных срабатываний за ${span(then.judgedMs)} записи: ${n(extraFalseAlarms)}`,
  );
}
