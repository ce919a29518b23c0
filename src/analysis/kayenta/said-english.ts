import { quantileText, spanText } from '../wording.ts';
import type { JudgedSeries, KayentaSaid } from './said.ts';
import type { KayentaMetric } from './series.ts';

/** What the judge says, as one plain sentence without its full stop. */
export function kayentaEnglish(said: KayentaSaid): string {
  const { candidate } = said;
  switch (said.kind) {
    case 'waiting':
      return `Kayenta's judge has not judged ${candidate} yet: its first judgement is after ${spanText(said.leftS)} more of traffic`;
    case 'stale':
      return `Kayenta's judge gave ${candidate} ${score(said.score)} at its ${ordinal(said.number)} judgement, before this step began: the next is after ${spanText(said.leftS)} more of traffic`;
    case 'alone':
      if (said.last === null)
        return `${candidate} has all of the traffic, so Kayenta's judge has nothing to compare it with, and has never judged it`;
      return `${candidate} has all of the traffic, so Kayenta's judge has nothing to compare it with; its ${ordinal(said.last.number)} and last judgement was ${score(said.last.score)}, where ${said.last.passMin} passes`;
    case 'judged': {
      const where = said.outcome === 'marginal' ? `, where ${said.passMin} passes` : '';
      const metrics = said.metrics.map(judged).join(', ');
      const held = said.outcome === 'nodata' ? '; without data a release is held, not taken back' : '';
      return `Kayenta's judge gives ${candidate} ${score(said.score)} at its ${ordinal(said.number)} judgement${where}: ${metrics}${held}`;
    }
  }
}

function judged({ metric, label, candidate, stable }: JudgedSeries): string {
  return `${name(metric)} ${label} (${value(metric, candidate)} against ${value(metric, stable)})`;
}

function name(metric: KayentaMetric): string {
  if (metric.kind === 'errors') return 'errors';
  return metric.kind === 'latency' ? `latency ${quantileText(metric.quantilePpm)}` : metric.name;
}

function value(metric: KayentaMetric, mean: number | null): string {
  if (mean === null) return 'no data';
  const digits = String(Number(mean.toPrecision(3)));
  if (metric.kind === 'gauge') return digits;
  return metric.kind === 'latency' ? `${digits} ms` : `${digits} %`;
}

function score(of: number): string {
  return `${of} of 100`;
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
function ordinal(n: number): string {
  const isTeen = Math.floor(n / 10) % 10 === 1;
  return `${n}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}
