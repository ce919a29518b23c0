import { momentUtc, said } from '../analysis/figures.ts';
import type { Text } from '../spec/text.ts';
import { textIn } from '../spec/text.ts';
import type { Cause, DependencyCheck, DiagnosisInput, RestartedInstances, SaturatedSignal } from './types.ts';

/** What the service depends on and did not answer as it has to; with all that did, as one thing that was looked at. */
export function dependencyCauses({ checks }: DiagnosisInput): readonly Cause[] {
  const failed = checks.filter(({ status }) => status === 'fail');
  const passed = checks.filter(({ status }) => status === 'pass');
  return [...failed.map(failedCheck), ...(failed.length === 0 && passed.length > 0 ? [allPassed(passed)] : [])];
}

function failedCheck({ item, title, found, atMs, before }: DependencyCheck): Cause {
  const isNew = before?.status === 'pass';
  const wasSo = before !== null && before.status !== 'pass';
  return {
    id: `dependency/${item}`,
    kind: 'dependency',
    strength: isNew ? 'some' : 'weak',
    said: joined(title, { en: ': its check fails', ru: ': проверка не проходит' }),
    evidence: [
      { seq: null, text: joined({ en: `${momentUtc(atMs)} UTC: `, ru: `${momentUtc(atMs)} UTC: ` }, found) },
      ...(before
        ? [
            {
              seq: null,
              text: wasSo
                ? said(
                    () => `it failed already at ${momentUtc(before.atMs)} UTC, before the incident`,
                    () => `она не проходила уже в ${momentUtc(before.atMs)} UTC, до инцидента`,
                  )
                : said(
                    () => `it passed at ${momentUtc(before.atMs)} UTC, before the incident`,
                    () => `в ${momentUtc(before.atMs)} UTC, до инцидента, она проходила`,
                  ),
            },
          ]
        : []),
    ],
    refutedBy: said(
      () => 'the check failing in the same way while users are well',
      () => 'такой же провал проверки в то время, когда пользователям хорошо',
    ),
  };
}

function allPassed(passed: readonly DependencyCheck[]): Cause {
  const names = passed
    .slice(0, 10)
    .map(({ item }) => item)
    .join(', ');
  return {
    id: 'dependency/all',
    kind: 'dependency',
    strength: 'against',
    said: said(
      ({ count }) => `${count(passed.length, 'check of what it depends on passes', '', 'checks of what it depends on pass')}`,
      ({ count }) =>
        `${count(passed.length, 'проверка зависимостей проходит', 'проверки зависимостей проходят', 'проверок зависимостей проходят')}`,
    ),
    evidence: [{ seq: null, text: passed.length > 10 ? `${names}, …` : names }],
    refutedBy: said(
      () => 'a dependency that no check asks',
      () => 'зависимость, которую не спрашивает ни одна проверка',
    ),
  };
}

/** Instances that ended by themselves. */
export function instanceCauses({ restarted }: DiagnosisInput): readonly Cause[] {
  return restarted.filter(({ restarts }) => restarts > 0).map(restartedCause);
}

function restartedCause({ version, restarts, instances, firstAtMs, problem, seq }: RestartedInstances): Cause {
  return {
    id: `instances/${version}`,
    kind: 'instances',
    strength: 'some',
    said: said(
      ({ count }) => `instances of ${version} ended by themselves ${count(restarts, 'time', 'times', 'times')}`,
      ({ count }) => `экземпляры ${version} завершались сами ${count(restarts, 'раз', 'раза', 'раз')}`,
    ),
    evidence: [
      {
        seq,
        text: said(
          ({ n }) => `${n(instances)} of them, first at ${momentUtc(firstAtMs)} UTC${problem === null ? '' : `: ${problem}`}`,
          ({ n }) =>
            `таких экземпляров ${n(instances)}, впервые в ${momentUtc(firstAtMs)} UTC${problem === null ? '' : `: ${problem}`}`,
        ),
      },
    ],
    refutedBy: said(
      () => 'failures that began before the first of these ends, or at instances that never ended',
      () => 'отказы, начавшиеся до первого такого завершения или на экземплярах, которые не завершались',
    ),
  };
}

/** What was fuller than its levels allow in the incident. */
export function saturationCauses({ saturated }: DiagnosisInput): readonly Cause[] {
  return saturated.flatMap((signal) => {
    const { during, warning, critical } = signal;
    if (critical !== null && during > critical) return [saturatedCause(signal, critical, 'critical')];
    return warning !== null && during > warning ? [saturatedCause(signal, warning, 'warning')] : [];
  });
}

function saturatedCause({ name, unit, before, during }: SaturatedSignal, level: number, which: 'warning' | 'critical'): Cause {
  const wasSo = before !== null && before > level;
  const isSharp = before !== null && !wasSo && which === 'critical';
  const show = (f: { n(value: number): string; share(value: number): string }, value: number) =>
    unit === 'share' ? f.share(value) : f.n(value);
  return {
    id: `saturation/${name}`,
    kind: 'saturation',
    strength: isSharp ? 'some' : 'weak',
    said: said(
      (f) => `${name} was at ${show(f, during)}, above its ${which} level of ${show(f, level)}`,
      (f) => `${name}: ${show(f, during)}, выше уровня ${which === 'critical' ? 'тревоги' : 'предупреждения'} ${show(f, level)}`,
    ),
    evidence: [
      {
        seq: null,
        text:
          before === null
            ? said(
                () => 'how full it was before is not known',
                () => 'насколько заполнено было до этого, неизвестно',
              )
            : wasSo
              ? said(
                  (f) => `it was at ${show(f, before)} in the hour before, too`,
                  (f) => `и за час до этого было ${show(f, before)}`,
                )
              : said(
                  (f) => `at most ${show(f, before)} in the hour before`,
                  (f) => `за час до этого не больше ${show(f, before)}`,
                ),
      },
    ],
    refutedBy: said(
      () => `${name} being as high while users are well, or rising only after the failures began`,
      () => `столь же высокое значение ${name}, когда пользователям хорошо, или его рост уже после начала отказов`,
    ),
  };
}

function joined(a: Text, b: Text): Text {
  return { en: textIn(a, 'en') + textIn(b, 'en'), ru: textIn(a, 'ru') + textIn(b, 'ru') };
}
