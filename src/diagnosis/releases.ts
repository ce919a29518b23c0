import type { VersionShare } from '../alerts/types.ts';
import { differenceInterval } from '../analysis/confidence.ts';
import { momentUtc, said } from '../analysis/figures.ts';
import type { Cause, DiagnosisInput, Evidence, NearRelease, Strength } from './types.ts';

/** The truth lies outside of the interval of a difference this often. */
const alpha = 0.05;
/** A release of another service that began to have traffic so shortly before it may have done it. */
const elsewhereMs = 1_800_000;

/** Releases that may have done it, with the difference between their versions; and that there was none, where that is so. */
export function releaseCauses(input: DiagnosisInput): readonly Cause[] {
  const { incident, releases } = input;
  const inReach = releases.filter((release) => isInReach(release, input));
  const own = inReach.filter(({ service }) => service === incident.service);
  const others = inReach.filter(
    ({ service, exposedAtMs }) =>
      service !== incident.service &&
      exposedAtMs !== null &&
      startOf(input) - exposedAtMs <= elsewhereMs &&
      exposedAtMs <= startOf(input),
  );
  return [
    ...own.map((release) => ownCause(release, input)),
    ...(own.length === 0 ? [none(input)] : []),
    ...others.map((one) => otherCause(one, input)),
  ];
}

function startOf({ incident, measure }: DiagnosisInput): number {
  return measure?.startedAtMs ?? incident.startedAtMs;
}

/** What began so shortly after it may have begun before it: moments are exact to a slot, and clocks differ. */
const toleranceMs = 20_000;

/** Its candidate had traffic before the beginning, and not long before. What came later, such as the way back, did not do it. */
function isInReach({ id, exposedAtMs, endedAtMs }: NearRelease, input: DiagnosisInput): boolean {
  const { incident, attribution, measure } = input;
  if (exposedAtMs === null) return false;
  // What its alerts were joined with is looked at in any case.
  if (id === attribution?.release?.id) return true;
  // Nor did what began when it was known already, unless it was over, and has come again.
  const known = Math.min(incident.openedAtMs, Math.max(startOf(input) + toleranceMs, measure?.start?.highMs ?? 0));
  const latestMs = incident.reopenedAtMs ?? known;
  return exposedAtMs <= latestMs && (endedAtMs ?? Number.POSITIVE_INFINITY) >= startOf(input) - input.reachMs;
}

function ownCause(release: NearRelease, input: DiagnosisInput): Cause {
  const { ours, difference } = differenceOf(release, input);
  const back = backOf(release, input);
  const attributed = input.attribution?.release?.id ?? null;
  const plain: Strength = attributed === null || attributed === release.id ? 'some' : 'weak';
  const strength: Strength =
    difference?.verdict === 'worse'
      ? back?.verdict === 'against'
        ? 'some'
        : 'strong'
      : difference?.verdict === 'better'
        ? 'against'
        : back?.verdict === 'against'
          ? 'weak'
          : plain;
  const { id, version, stable } = release;
  const [than, thanRu] = [stable ?? 'what was there before', stable ?? 'прежняя версия'];
  return {
    id: `release/${id}`,
    kind: 'release',
    strength,
    said:
      difference?.verdict === 'worse'
        ? said(
            () => `${version} (release ${id}) fails more than ${than}`,
            () => `${version} (выпуск ${id}) отказывает чаще, чем ${thanRu}`,
          )
        : difference?.verdict === 'better'
          ? said(
              () => `${version} (release ${id}) was released, and fails less than ${than}: look elsewhere`,
              () => `${version} (выпуск ${id}) выпускалась, но отказывает реже, чем ${thanRu}: ищите в другом месте`,
            )
          : said(
              () => `${version} (release ${id}) was released at that time, and is not shown to fail more`,
              () => `${version} (выпуск ${id}) выпускалась в это время, но не видно, что она отказывает чаще`,
            ),
    evidence: [timing(release, input), ...(difference ? [difference.evidence] : [alone(ours)]), ...(back ? [back.evidence] : [])],
    refutedBy: said(
      () =>
        `${than} failing as often in the same time, the failures going on after all traffic is on ${than}, or their beginning before ${version} had traffic`,
      () =>
        `столь же частые отказы на ${thanRu} в то же время, отказы после возврата туда всего трафика или их начало до того, как ${version} получила трафик`,
    ),
  };
}

/** How both versions did in the first objective in which the new one is worse, else in the one that was hurt most. */
function differenceOf({ version, stable }: NearRelease, { measure, attribution }: DiagnosisInput) {
  const measured = (measure?.objectives ?? []).filter(({ versions }) => versions.length > 0);
  const told = [{ name: null, versions: attribution?.versions ?? [] }];
  const all = (measured.length > 0 ? measured : told).map(({ name, versions }) => {
    const [ours, theirs] = [version, stable].map((one) => versions.find((found) => found.version === one));
    return { ours, difference: ours && theirs ? compared(ours, theirs, measured.length > 1 ? name : null) : null };
  });
  const worse = all.find(({ difference }) => difference?.verdict === 'worse');
  return worse ?? all.find(({ difference }) => difference !== null) ?? all[0] ?? { ours: undefined, difference: null };
}

function compared(
  ours: VersionShare,
  theirs: VersionShare,
  objective: string | null,
): { readonly verdict: 'worse' | 'better' | 'unclear'; readonly evidence: Evidence } | null {
  if (ours.total === 0 || theirs.total === 0) return null;
  // A counter that is broken may say more bad events than there were.
  if (ours.bad > ours.total || theirs.bad > theirs.total) return null;
  const { low, high } = differenceInterval({ bad: ours.bad, n: ours.total }, { bad: theirs.bad, n: theirs.total }, alpha);
  const where = objective === null ? '' : `${objective}: `;
  const verdict = low > 0 ? 'worse' : high < 0 ? 'better' : 'unclear';
  return {
    verdict,
    evidence: {
      seq: null,
      text: said(
        (f) =>
          `${where}${ours.version}: ${f.n(ours.bad)} of ${f.n(ours.total)} bad (${f.share(ours.bad / ours.total)}); ${theirs.version}: ${f.n(theirs.bad)} of ${f.n(theirs.total)} (${f.share(theirs.bad / theirs.total)}); a difference of ${f.share(low)} to ${f.share(high)} (95 %)`,
        (f) =>
          `${where}${ours.version}: плохих ${f.n(ours.bad)} из ${f.n(ours.total)} (${f.share(ours.bad / ours.total)}); ${theirs.version}: ${f.n(theirs.bad)} из ${f.n(theirs.total)} (${f.share(theirs.bad / theirs.total)}); разница от ${f.share(low)} до ${f.share(high)} (95 %)`,
      ),
    },
  };
}

function alone(ours: VersionShare | undefined): Evidence {
  const text =
    ours === undefined
      ? said(
          () => 'what its versions did in this time is not known',
          () => 'что делали её версии в это время, неизвестно',
        )
      : said(
          (f) => `${ours.version}: ${f.n(ours.bad)} of ${f.n(ours.total)} bad, and nothing beside it to compare with`,
          (f) => `${ours.version}: плохих ${f.n(ours.bad)} из ${f.n(ours.total)}, сравнить не с чем`,
        );
  return { text, seq: null };
}

function timing({ version, exposedAtMs, step }: NearRelease, input: DiagnosisInput): Evidence {
  const fromMs = exposedAtMs ?? startOf(input);
  const afterMs = startOf(input) - fromMs;
  const at = momentUtc(fromMs);
  const where = step === null ? null : typeof step === 'string' ? { en: step, ru: step } : step;
  return {
    seq: null,
    text: said(
      ({ span }) =>
        `${version} had traffic from ${at} UTC on; the failures began ${span(afterMs)} ${afterMs < 0 ? 'before that' : 'later'}${where ? `, at the step: ${where.en}` : ''}`,
      ({ span }) =>
        `${version} получала трафик с ${at} UTC; отказы начались ${afterMs < 0 ? `за ${span(afterMs)} до этого` : `через ${span(afterMs)}`}${where ? `, на шаге: ${where.ru}` : ''}`,
    ),
  };
}

/** Whether it was over once traffic was back: the strongest thing that can be seen, and the one that refutes. */
function backOf(
  { safeAtMs, stable }: NearRelease,
  input: DiagnosisInput,
): { readonly verdict: 'for' | 'against' | 'neither'; readonly evidence: Evidence } | null {
  const endedAtMs = input.measure?.end?.atMs ?? null;
  if (safeAtMs === null || endedAtMs === null) return null;
  const cellMs = 1_000 * Math.max(10, ...(input.measure?.objectives ?? []).map(({ cellS }) => cellS));
  const lateMs = endedAtMs - safeAtMs;
  if (lateMs < -2 * cellMs)
    return {
      verdict: 'neither',
      evidence: {
        seq: null,
        text: said(
          ({ span }) =>
            `the failures had ended ${span(lateMs)} before all traffic was on ${stable ?? '–'} again: that is not what ended them`,
          ({ span }) =>
            `отказы прекратились за ${span(lateMs)} до возврата всего трафика на ${stable ?? '–'}: закончились они не поэтому`,
        ),
      },
    };
  const isFor = lateMs <= 2 * cellMs;
  return {
    verdict: isFor ? 'for' : 'against',
    evidence: {
      seq: null,
      text: isFor
        ? said(
            () => `the failures ended when all traffic was on ${stable ?? '–'} again (${momentUtc(safeAtMs)} UTC)`,
            () => `отказы прекратились, когда весь трафик вернулся на ${stable ?? '–'} (${momentUtc(safeAtMs)} UTC)`,
          )
        : said(
            ({ span }) =>
              `the failures went on for ${span(lateMs)} after all traffic was on ${stable ?? '–'} again: that speaks against it`,
            ({ span }) =>
              `отказы продолжались ещё ${span(lateMs)} после возврата всего трафика на ${stable ?? '–'}: это говорит против`,
          ),
    },
  };
}

function none(input: DiagnosisInput): Cause {
  const { incident, releases, reachMs } = input;
  const last = releases.find(
    ({ service, endedAtMs }) => service === incident.service && endedAtMs !== null && endedAtMs <= startOf(input),
  );
  const ended = last?.endedAtMs ?? null;
  return {
    id: 'no-release',
    kind: 'no-release',
    strength: 'some',
    said: said(
      ({ span }) =>
        `no release is in reach: none of ${incident.service ?? 'this service'} had traffic in the ${span(reachMs)} before or while it lasted`,
      ({ span }) =>
        `выпусков рядом не было: за ${span(reachMs)} до начала и во время инцидента ни один выпуск ${incident.service ?? 'сервиса'} не получал трафика`,
    ),
    evidence:
      last && ended !== null
        ? [
            {
              seq: null,
              text: said(
                ({ span }) => `the last release, ${last.id}, ended ${span(startOf(input) - ended)} before`,
                ({ span }) => `последний выпуск, ${last.id}, закончился за ${span(startOf(input) - ended)} до начала`,
              ),
            },
          ]
        : [],
    refutedBy: said(
      () => 'a change that was made beside Rampart: a configuration, a flag, a deployment by hand',
      () => 'изменение, сделанное мимо Rampart: настройка, флаг, выкладка вручную',
    ),
  };
}

function otherCause(release: NearRelease, input: DiagnosisInput): Cause {
  const { id, service, version } = release;
  return {
    id: `release/${id}`,
    kind: 'release',
    strength: 'weak',
    said: said(
      () => `${service} ${version} (release ${id}) had its first traffic shortly before`,
      () => `${service} ${version} (выпуск ${id}) незадолго до этого получила первый трафик`,
    ),
    evidence: [timing(release, input)],
    refutedBy: said(
      () => `${input.incident.service ?? 'this service'} not depending on ${service}`,
      () => `независимость ${input.incident.service ?? 'сервиса'} от ${service}`,
    ),
  };
}
