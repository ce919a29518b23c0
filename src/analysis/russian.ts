import type { Compared } from './guard.ts';
import { kayentaRussian } from './kayenta/said-russian.ts';
import type { Bad, LimitLevel, Said, Weight } from './said.ts';
import type { ErrorClass } from './sample.ts';
import { quantileText } from './wording.ts';
import { digitsRu, durationRu, levelRu, oddsRu, percentRu, plural, spanRu, thousandsRu } from './wording-russian.ts';

/** One plain Russian sentence, without a full stop: `у 1.1.0 не удался 21 из 104 запросов, у 1.0.0 — 1 из 930; свидетельства 3 900 : 1 за 3 с`. */
export function russian(said: Said, { candidate, stable }: Compared): string {
  const other = stable ?? 'стабильной версии';
  switch (said.kind) {
    case 'no-request':
      return `у ${candidate} ещё не было запросов`;
    case 'silent':
      return `нет данных уже ${spanRu(said.seconds)}; о ${candidate} ничего не известно`;
    case 'unmeasured':
      return said.who === 'candidate'
        ? `нет измерений ${candidate} уже ${spanRu(said.seconds)}`
        : `нет измерений ${other} уже ${spanRu(said.seconds)}, сравнивать ${candidate} не с чем`;
    case 'fresh':
      return 'измерения свежие';
    case 'too-few':
      return `у ${candidate} было ${requests(said.n)} за ${spanRu(said.seconds)}: слишком мало, чтобы судить`;
    case 'asks-for-more':
      return `у ${candidate} было ${thousandsRu(said.n)} из ${ofRequests(said.asked)}, которых требует этот шаг`;
    case 'requests':
      return `у ${candidate} было ${requests(said.n)} на этом шаге`;
    case 'share': {
      const weight = `${digitsRu(Number(said.weight.toFixed(2)))} %`;
      const text = `${candidate} получает ${thousandsRu(said.n)} из ${ofRequests(said.all)} на этом шаге при весе ${weight}`;
      if (said.problem === null) return text;
      return `${text}: слишком ${said.problem === 'few' ? 'мало' : 'много'}`;
    }
    case 'errors': {
      const how = said.errorClass === null ? '' : ` (${classes[said.errorClass]})`;
      const others = said.stable && stable !== null ? `, у ${stable} — ${ofCounts(said.stable)}` : '';
      return `у ${candidate} ${failed(said.candidate)}${how}${others}${weightText(said.weight)}`;
    }
    case 'error-limit':
      return (
        `у ${candidate} ${failed(said.candidate)}; ${limitText(said.level, percentRu(said.limitPpm))}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    case 'latency-unknown':
      return said.why === 'warm-up'
        ? `задержка ${candidate} пока не сравнивается: версия прогревается`
        : `задержка ${candidate} пока не сравнивается: у стабильной версии слишком мало запросов`;
    case 'slower': {
      const others = said.stable && stable !== null ? `, у ${stable} — ${ofCounts(said.stable)}` : '';
      const slower = `медленнее ${durationRu(said.edgeMs)}`;
      return `у ${candidate} ${slower} ${ofBoth(said.candidate)}${others}${weightText(said.weight)}`;
    }
    case 'not-slower':
      return (
        `${candidate} не медленнее ${stable === null ? 'прежнего' : stable} больше чем на ${percentRu(said.worseByPpm)}, ` +
        `насколько видно по ${thousandsRu(said.n)} ${plural(said.n, 'запросу', 'запросам', 'запросам')}`
      );
    case 'latency-limit': {
      const allowed = `предел ${quantileText(said.quantilePpm)} допускает ${percentRu(1e6 - said.quantilePpm)}`;
      const decide = said.level === 'warn' ? ', выше решают люди' : '';
      return (
        `у ${candidate} медленнее ${durationRu(said.limitMs)} ${ofBoth(said.candidate)}; ${allowed}${decide}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    }
    case 'metric-unknown':
      return said.silentS === null
        ? `о метрике ${said.name} у ${candidate} пока ничего не известно`
        : `метрика ${said.name} у ${candidate} не читается уже ${spanRu(said.silentS)}`;
    case 'ratio': {
      const others = said.stable && stable !== null ? `, у ${stable} — ${ofCounts(said.stable)}` : '';
      return `${said.name}: у ${candidate} ${ofCounts(said.candidate)}${others}${weightText(said.weight)}`;
    }
    case 'ratio-limit':
      return (
        `${said.name}: у ${candidate} ${ofCounts(said.candidate)}; ${limitText(said.level, percentRu(said.limitPpm))}` +
        sharedText(said.shared && { other, stable: said.shared.stable })
      );
    case 'gauge': {
      const others = said.stable !== null && stable !== null ? `, у ${stable} — ${levelRu(said.stable)}` : '';
      const beyond =
        said.of > 0
          ? `, за пределами допуска в ${said.beyond} из ${said.of} ${plural(said.of, 'сравнения', 'сравнений', 'сравнений')}`
          : '';
      return `${said.name}: у ${candidate} ${levelRu(said.candidate)}${others}${beyond}${weightText(said.weight)}`;
    }
    case 'gauge-limit': {
      const span = said.seconds > 0 ? ` уже ${spanRu(said.seconds)}` : '';
      return (
        `${said.name}: у ${candidate} ${levelRu(said.value)}${span}; ${limitText(said.level, levelRu(said.limit))}` +
        sharedText(said.shared ? { other, stable: null } : null)
      );
    }
    case 'kayenta':
      return kayentaRussian(said.said);
  }
}

const classes: Readonly<Record<ErrorClass, string>> = {
  status: 'ответ 5xx',
  connect: 'нет соединения',
  timeout: 'истекло время',
  broken: 'оборванный ответ',
};

/** `21 запрос`. */
function requests(n: number): string {
  return `${thousandsRu(n)} ${plural(n, 'запрос', 'запроса', 'запросов')}`;
}

/** `104 запросов` after «из»: the genitive, singular only after a number that ends in one. */
function ofRequests(n: number): string {
  return `${thousandsRu(n)} ${plural(n, 'запроса', 'запросов', 'запросов')}`;
}

/** `21 из 930`. */
function ofCounts({ bad, n }: Bad): string {
  return `${thousandsRu(bad)} из ${thousandsRu(n)}`;
}

/** `21 из 930 запросов`. */
function ofBoth({ bad, n }: Bad): string {
  return `${thousandsRu(bad)} из ${ofRequests(n)}`;
}

/** `не удался 1 из 930 запросов`. */
function failed(counts: Bad): string {
  return `${plural(counts.bad, 'не удался', 'не удались', 'не удались')} ${ofBoth(counts)}`;
}

/** `; свидетельства 3 900 : 1 за 3 с`. */
function weightText(weight: Weight | null): string {
  if (weight === null) return '';
  return `; свидетельства ${oddsRu(weight.log)}${weight.seconds === null ? '' : ` за ${spanRu(weight.seconds)}`}`;
}

function limitText(level: LimitLevel, limit: string): string {
  return level === 'max' ? `предел ${limit}` : `выше ${limit} решают люди`;
}

function sharedText(shared: { readonly other: string; readonly stable: Bad | null } | null): string {
  if (shared === null) return '';
  const counts = shared.stable ? ` (${ofCounts(shared.stable)})` : '';
  return `; у ${shared.other} так же${counts}, откат этого не исправит`;
}
