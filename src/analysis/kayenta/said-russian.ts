import { quantileText } from '../wording.ts';
import { digitsRu, spanRu } from '../wording-russian.ts';
import type { JudgedSeries, KayentaSaid } from './said.ts';
import type { KayentaMetric } from './series.ts';

/** What the judge says, as one plain Russian sentence without its full stop. Kayenta's labels stay as they are in its reports. */
export function kayentaRussian(said: KayentaSaid): string {
  const { candidate } = said;
  switch (said.kind) {
    case 'waiting':
      return `судья Kayenta ещё не оценивал ${candidate}: первая оценка через ${spanRu(said.leftS)} трафика`;
    case 'stale':
      return `судья Kayenta поставил ${candidate} ${score(said.score)} при ${said.number}-й оценке, ещё до этого шага: следующая через ${spanRu(said.leftS)} трафика`;
    case 'alone':
      if (said.last === null)
        return `весь трафик идёт на ${candidate}, поэтому судье Kayenta не с чем сравнивать, и он ни разу не оценивал эту версию`;
      return `весь трафик идёт на ${candidate}, поэтому судье Kayenta не с чем сравнивать; его последняя, ${said.last.number}-я оценка: ${score(said.last.score)}, для прохода нужно ${digitsRu(said.last.passMin)}`;
    case 'judged': {
      const where = said.outcome === 'marginal' ? `, для прохода нужно ${digitsRu(said.passMin)}` : '';
      const metrics = said.metrics.map(judged).join(', ');
      const held = said.outcome === 'nodata' ? '; без данных выпуск приостанавливается, а не откатывается' : '';
      return `судья Kayenta ставит ${candidate} ${score(said.score)} при ${said.number}-й оценке${where}: ${metrics}${held}`;
    }
  }
}

function judged({ metric, label, candidate, stable }: JudgedSeries): string {
  return `${name(metric)} ${label} (${value(metric, candidate)} против ${value(metric, stable)})`;
}

function name(metric: KayentaMetric): string {
  if (metric.kind === 'errors') return 'ошибки';
  return metric.kind === 'latency' ? `задержка ${quantileText(metric.quantilePpm)}` : metric.name;
}

function value(metric: KayentaMetric, mean: number | null): string {
  if (mean === null) return 'нет данных';
  const shown = digitsRu(Number(mean.toPrecision(3)));
  if (metric.kind === 'gauge') return shown;
  return metric.kind === 'latency' ? `${shown} мс` : `${shown} %`;
}

function score(of: number): string {
  return `${digitsRu(of)} из 100`;
}
