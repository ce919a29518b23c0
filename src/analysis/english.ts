import type { Compared } from './guard.ts';
import { kayentaEnglish } from './kayenta/said-english.ts';
import type { Bad, LimitLevel, Said, Weight } from './said.ts';
import type { ErrorClass } from './sample.ts';
import { durationText, levelText, oddsText, percentText, quantileText, spanText, thousands } from './wording.ts';

/** One plain English sentence, without a full stop: `1.1.0 fails 21 of 104 requests where 1.0.0 fails 1 of 930; evidence 3,900 : 1 after 3 s`. */
export function english(said: Said, { candidate, stable }: Compared): string {
  const other = stable ?? 'stable';
  switch (said.kind) {
    case 'no-request':
      return `${candidate} has had no request yet`;
    case 'silent':
      return `no sample for ${spanText(said.seconds)}; nothing is known about ${candidate}`;
    case 'unmeasured':
      return said.who === 'candidate'
        ? `no measurement of ${candidate} for ${spanText(said.seconds)}`
        : `no measurement of ${other} for ${spanText(said.seconds)}, so nothing to compare ${candidate} with`;
    case 'fresh':
      return 'measurements are fresh';
    case 'too-few':
      return `${candidate} had ${requestsText(said.n)} in ${spanText(said.seconds)}, too few to judge`;
    case 'asks-for-more':
      return `${candidate} had ${thousands(said.n)} of the ${requestsText(said.asked)} that this step asks for`;
    case 'requests':
      return `${candidate} had ${requestsText(said.n)} on this step`;
    case 'share': {
      const weight = `${Number(said.weight.toFixed(2))} %`;
      const text = `${candidate} gets ${thousands(said.n)} of ${requestsText(said.all)} on this step where its weight is ${weight}`;
      return said.problem === null ? text : `${text}: too ${said.problem}`;
    }
    case 'errors': {
      const how = said.errorClass === null ? '' : ` ${classes[said.errorClass]}`;
      const others = said.stable && stable !== null ? ` where ${stable} fails ${ofText(said.stable)}` : '';
      return `${candidate} fails ${ofRequests(said.candidate)}${how}${others}${weightText(said.weight)}`;
    }
    case 'error-limit':
      return (
        `${candidate} fails ${ofRequests(said.candidate)}; ${limitText(said.level, percentText(said.limitPpm))}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    case 'latency-unknown':
      return said.why === 'warm-up'
        ? `the latency of ${candidate} is not compared yet: it is warming up`
        : `the latency of ${candidate} is not compared yet: too few stable requests to compare with`;
    case 'slower': {
      const others = said.stable && stable !== null ? ` where ${stable} answers ${ofText(said.stable)}` : '';
      const slower = `slower than ${durationText(said.edgeMs)}`;
      return `${candidate} answers ${ofRequests(said.candidate)} ${slower}${others}${weightText(said.weight)}`;
    }
    case 'not-slower':
      return (
        `${candidate} is not slower than ${stable ?? 'before'} by more than ${percentText(said.worseByPpm)}, ` +
        `as far as ${requestsText(said.n)} ${said.n === 1 ? 'shows' : 'show'}`
      );
    case 'latency-limit': {
      const quantile = quantileText(said.quantilePpm);
      const allowed = `${quantile} limit allows ${percentText(1e6 - said.quantilePpm)}`;
      const decide = said.level === 'warn' ? ', above it people decide' : '';
      return (
        `${candidate} answers ${ofRequests(said.candidate)} slower than ${durationText(said.limitMs)}; ${allowed}${decide}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    }
    case 'metric-unknown':
      return said.silentS === null
        ? `nothing is known yet about ${said.name} of ${candidate}`
        : `no reading of ${said.name} of ${candidate} for ${spanText(said.silentS)}`;
    case 'ratio': {
      const others = said.stable && stable !== null ? ` where ${stable} has ${ofText(said.stable)}` : '';
      return `${said.name}: ${candidate} has ${ofText(said.candidate)}${others}${weightText(said.weight)}`;
    }
    case 'ratio-limit':
      return (
        `${said.name}: ${candidate} has ${ofText(said.candidate)}; ${limitText(said.level, percentText(said.limitPpm))}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    case 'gauge': {
      const others = said.stable !== null && stable !== null ? ` where ${stable} is at ${levelText(said.stable)}` : '';
      const beyond = said.of > 0 ? `, beyond the margin in ${said.beyond} of ${said.of} comparisons` : '';
      return `${said.name}: ${candidate} is at ${levelText(said.candidate)}${others}${beyond}${weightText(said.weight)}`;
    }
    case 'gauge-limit': {
      const span = said.seconds > 0 ? ` for ${spanText(said.seconds)}` : '';
      return (
        `${said.name}: ${candidate} is at ${levelText(said.value)}${span}; ${limitText(said.level, levelText(said.limit))}` +
        sharedText(said.shared ? { other, stable: null } : null)
      );
    }
    case 'kayenta':
      return kayentaEnglish(said.said);
  }
}

const classes: Readonly<Record<ErrorClass, string>> = {
  status: 'with a 5xx status',
  connect: 'for want of a connection',
  timeout: 'by timeout',
  broken: 'with a broken answer',
};

/** `1 request`, `1,040 requests`. */
function requestsText(n: number): string {
  return `${thousands(n)} ${n === 1 ? 'request' : 'requests'}`;
}

/** `21 of 1,040 requests`. */
function ofRequests({ bad, n }: Bad): string {
  return `${thousands(bad)} of ${requestsText(n)}`;
}

/** `21 of 1,040`. */
function ofText({ bad, n }: Bad): string {
  return `${thousands(bad)} of ${thousands(n)}`;
}

/** `; evidence 3,900 : 1 after 3 s`. */
function weightText(weight: Weight | null): string {
  if (weight === null) return '';
  return `; evidence ${oddsText(weight.log)}${weight.seconds === null ? '' : ` after ${spanText(weight.seconds)}`}`;
}

function limitText(level: LimitLevel, limit: string): string {
  return level === 'max' ? `the limit is ${limit}` : `above ${limit} people decide`;
}

function sharedText(shared: { readonly other: string; readonly stable: Bad | null } | null): string {
  if (shared === null) return '';
  const counts = shared.stable ? ` with ${ofText(shared.stable)}` : '';
  return `; ${shared.other} breaks it too${counts}, so a rollback cannot cure it`;
}
