import { quantileText } from '../wording.ts';
import { digitsRu, durationRu, percentRu, plural, spanRu, thousandsRu } from '../wording-russian.ts';
import type { ObjectiveNeed, StepObjective, UnseenObjective } from './objectives.ts';
import type { PlanSight } from './plan-sight.ts';
import type { LatencySight, Noticed, Sight } from './sight.ts';

/** `sightEnglish` in Russian. Absolute rises of a share are percentage points (п. п.), relative ones percent. */
export function sightRussian(sight: Sight, objectives: readonly StepObjective[]): readonly string[] {
  if (sight.kind === 'no-traffic') return ['сейчас запросов нет: страж ничего не увидит, и шаг будет удержан'];
  const weak = objectives.filter(({ seen }) => seen === false);
  const sentences = [errors(sight), ...sight.latency.flatMap((latency) => latencySentence(latency, sight.stepS) ?? [])];
  if (weak.length > 0)
    sentences.push(`мало для ${and(weak.map((one) => `${one.name} (${bad(one, points(one.neededRisePpm))})`))}`);
  return sentences;
}

/** `planSightEnglish` in Russian. */
export function planSightRussian(found: PlanSight): string {
  if (found.kind === 'weak') {
    const { weight, stepS, smallestRisePpm, usefulRisePpm } = found;
    const best = `${percentRu(weight * 10_000)} в течение ${spanRu(stepS)}`;
    const sees =
      smallestRisePpm === null ? 'не заметит даже полного отказа' : `заметит рост не меньше чем на ${points(smallestRisePpm)}`;
    return `для таких шагов мало запросов: ни один шаг до полного трафика не заметит роста доли ошибок на ${points(usefulRisePpm)}; лучший из них, ${best}, ${sees}`;
  }
  const { worst, others } = found;
  const { name, belowMs, unseen, weight, targetPpm, windowMs, pagingBurn, neededRisePpm } = worst;
  const below = belowMs === null ? '' : ` быстрее ${durationRu(belowMs)}`;
  const promise = `цель ${name} (${percentRu(targetPpm)}${below} за ${long(windowMs / 1000)})`;
  const passes =
    weight >= 99.9 ? 'может остаться незамеченным за всё время выдержки' : 'может незаметно пройти все шаги до полного трафика';
  const fault = `${bad(worst, points(unseen.risePpm), 'до ')} ${passes}`;
  const burns = `тогда бюджет ошибок будет расходоваться в ${times(unseen.burn)} быстрее нормы и кончится за ${long(worst.exhaustedAfterS)}`;
  const needs = `шаг должен замечать ${points(neededRisePpm)} (в ${times(pagingBurn)} быстрее нормы: это вызов дежурного)`;
  const also = others.map((one) => `${one.name} (${bad(one, points(one.unseen.risePpm), 'до ')})`);
  const too = also.length > 0 ? `; то же для ${and(also)}` : '';
  return `${promise}: ${fault}, ${burns}; ${needs}: ${remedy(worst)}${too}`;
}

/** `assumedEnglish` in Russian. */
export function assumedRussian(sight: Sight): readonly string[] {
  if (sight.kind === 'no-traffic') return [];
  const { assumedPpm } = sight.errors;
  const unknown = sight.latency.filter(({ noticed }) => noticed === null).map(({ quantilePpm }) => quantileText(quantilePpm));
  return [
    ...(assumedPpm === null ? [] : [`доля ошибок неизвестна: принято ${percentRu(assumedPpm)}`]),
    ...(unknown.length === 0 ? [] : [`задержка неизвестна, как и то, что страж заметит по ${and(unknown)}`]),
  ];
}

function errors(sight: Extract<Sight, { kind: 'forecast' }>): string {
  const { basis, errors: seen, stepS, weight } = sight;
  const at = `при ${percentRu(weight * 10_000)} от ${rate(sight.requestsPerSecond)} запр./с`;
  const limits = basis === 'first' || basis === 'kayenta';
  const where = `${judge(sight)}${limits ? `${at}, только по пределам,` : at}`;
  if (seen.smallestRisePpm === null) {
    const why = limits && seen.limitPpm >= 1_000_000 ? 'предел не задан' : 'слишком мало запросов';
    return `${where} за ${spanRu(stepS)} ошибки замечены не будут: ${why}`;
  }
  if (basis === 'first') return `${where} будет замечена доля ошибок ${list(seen, stepS, percentRu, '')}`;
  return `${where} будет замечен рост доли ошибок ${list(seen, stepS, points, 'на ')}`;
}

function judge({ basis, judgedEveryS, weight }: Extract<Sight, { kind: 'forecast' }>): string {
  if (basis !== 'kayenta' || judgedEveryS === null) return '';
  if (weight >= 100) return 'при 100 % судье Kayenta не с чем сравнивать: действуют только пределы; ';
  return `судья Kayenta сравнивает через каждые ${spanRu(judgedEveryS)} трафика, и что он заметит, заранее сказать нельзя; `;
}

function latencySentence({ quantilePpm, noticed }: LatencySight, stepS: number): string | null {
  const name = quantileText(quantilePpm);
  if (noticed === null) return null;
  if (noticed.smallestRisePpm === null) {
    const why = stepS <= 60 ? 'первые 60 с шага уходят на прогрев' : 'слишком мало запросов';
    return `по ${name} за ${spanRu(stepS)} замедление замечено не будет: ${why}`;
  }
  return `по ${name} будет замечено замедление всех ответов ${list(noticed, stepS, percentRu, 'на ')}`;
}

/** A rise hardly larger than the smallest one adds a number and no news. */
const clearly = 1.3;

function list({ smallestRisePpm, noticedAfter }: Noticed, stepS: number, text: (ppm: number) => string, by: string): string {
  const smallest = smallestRisePpm ?? 0;
  const sooner = noticedAfter.flatMap(({ risePpm, seconds }) =>
    seconds !== null && seconds < stepS && risePpm > clearly * smallest ? [`${by}${text(risePpm)} за ${spanRu(seconds)}`] : [],
  );
  return and([`${by}${text(smallest)} за ${spanRu(stepS)}`, ...sooner]);
}

function remedy({ remedy: of, weight, belowMs, stepS }: UnseenObjective): string {
  if (of.kind === 'margin')
    return belowMs === null
      ? 'сейчас страж это допускает, поэтому задайте `guard.errors.worseBy` заметно меньше'
      : 'ни одна из сравниваемых задержек этого не покажет: задайте `worseBy` для более близкого квантиля';
  const longer = of.seconds ? `наблюдайте ${percentRu(weight * 10_000)} не меньше ${spanRu(of.seconds)}` : null;
  const more = of.weight ? `направьте не меньше ${percentRu(of.weight * 10_000)} на ${spanRu(stepS)}` : null;
  if (longer === null && more === null)
    return 'при таком числе запросов это не заметит ни один шаг короче суток, поэтому добавьте свои запросы';
  const fewer = longer !== null && weight < 99.9 ? ' (меньше шагов, больше времени на каждый)' : '';
  return `${[longer, more].filter((one) => one !== null).join(' или ')}${fewer}`;
}

function bad({ belowMs }: ObjectiveNeed, share: string, upTo = ''): string {
  const what = belowMs === null ? 'доли ошибок' : `доли ответов медленнее ${durationRu(belowMs)}`;
  return `рост ${what} ${upTo === '' ? 'на ' : upTo}${share}`;
}

function points(ppm: number): string {
  return percentRu(ppm).replace('%', 'п. п.');
}

function long(seconds: number): string {
  return seconds < 2 * 86_400 ? spanRu(seconds) : `${Math.round(seconds / 86_400)} сут`;
}

/** Three digits that count. */
function rate(perSecond: number): string {
  const rounded = Number(perSecond.toPrecision(3));
  return rounded >= 1000 ? thousandsRu(rounded) : digitsRu(rounded);
}

/** `14,4 раза`, `290 раз`, `2 раза`: a fraction takes the form of two. */
function times(burn: number): string {
  const value = burn < 100 ? Number(burn.toPrecision(3)) : Math.round(burn);
  if (!Number.isInteger(value)) return `${digitsRu(value)} раза`;
  return `${thousandsRu(value)} ${plural(value, 'раз', 'раза', 'раз')}`;
}

function and(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} и ${last}` : last;
}
