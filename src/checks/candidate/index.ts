import { durationText, percentText } from '../../spec/unit-text.ts';
import { type CheckResult, defineCheck } from '../check.ts';
import type { OwnRelease } from '../own-view.ts';
import { CandidateConfig } from './schema.ts';

/** How the candidate of the release that is under way has done so far. */
export const candidate = defineCheck({
  title: { en: 'Candidate under traffic', ru: 'Новая версия под нагрузкой' },
  schema: CandidateConfig,
  capabilities: { own: true, alone: false },
  timeoutMs: 10_000,
  async run(config, { own, now, service }) {
    const release = own?.release() ?? null;
    return release ? judged(release, config, now()) : none(service, own !== null);
  },
});

function judged(
  release: OwnRelease,
  config: { for: number; errors?: number | undefined; requests: number; guard: boolean },
  nowMs: number,
): CheckResult {
  const { id, candidate: version, trafficSinceMs, requests, errors, verdict } = release;
  const lookedAt = { en: `release ${id}, candidate ${version}`, ru: `выпуск ${id}, новая версия ${version}` };
  const forMs = trafficSinceMs === null ? 0 : Math.max(0, nowMs - trafficSinceMs);
  const failedPpm = requests === 0 ? 0 : Math.ceil((errors * 1_000_000) / requests);
  const isLong = forMs >= config.for;
  const isMany = requests >= config.requests;
  const isClean = config.errors === undefined || (requests > 0 && errors * 1_000_000 <= config.errors * requests);
  const isPass = !config.guard || verdict?.kind === 'pass';
  const failed = percentText(failedPpm);
  const long = durationText(Math.floor(forMs / 1_000) * 1_000);
  const saidEn = `${long} of traffic, ${errors} of ${requests} requests failed (${failed})`;
  const saidRu = `${long} под нагрузкой, ошибок ${errors} из ${requests} запросов (${failed})`;
  const guard = config.guard ? { en: `, guard: ${verdict?.kind ?? 'none'}`, ru: `, контроль: ${verdict?.kind ?? 'нет'}` } : null;
  const limit = config.errors === undefined ? null : percentText(config.errors);
  const evidence = verdict ? [verdict.sentence] : [];
  const isGood = isLong && isMany && isClean && isPass;
  return {
    status: isGood ? 'pass' : 'fail',
    lookedAt,
    found: { en: `${saidEn}${guard?.en ?? ''}`, ru: `${saidRu}${guard?.ru ?? ''}` },
    expected: {
      en: `at least ${durationText(config.for)} and ${config.requests} requests${limit ? `, at most ${limit} failed` : ''}${config.guard ? ', guard: pass' : ''}`,
      ru: `не меньше ${durationText(config.for)} и запросов ${config.requests}${limit ? `, ошибок не больше ${limit}` : ''}${config.guard ? ', контроль: pass' : ''}`,
    },
    fix: isGood ? null : fixOf(isClean && isPass, isLong && isMany),
    evidence,
    figures: { trafficMs: forMs, requests, errors, failedPpm },
  };
}

function fixOf(isHealthy: boolean, isEnough: boolean): CheckResult['fix'] {
  if (!isHealthy)
    return {
      en: 'look at what fails in the candidate, and take the release back: rampart abort',
      ru: 'разберитесь, что не работает в новой версии, и верните выпуск: rampart abort',
    };
  return isEnough
    ? null
    : {
        en: 'let the candidate have its traffic for longer, then ask again: rampart retry',
        ru: 'дайте новой версии поработать под нагрузкой дольше и спросите снова: rampart retry',
      };
}

function none(service: string, isAsked: boolean): CheckResult {
  return {
    status: 'unproven',
    lookedAt: service,
    found: isAsked
      ? { en: 'no release is under way', ru: 'сейчас нет выпуска' }
      : { en: 'there is no controller to ask', ru: 'нет контроллера, которого можно спросить' },
    expected: { en: 'a release with a candidate under traffic', ru: 'выпуск, новая версия которого под нагрузкой' },
    fix: {
      en: `ask while a release of ${service} is under way: rampart check ${service}`,
      ru: `спросите, пока идёт выпуск ${service}: rampart check ${service}`,
    },
    evidence: [],
    figures: {},
  };
}
