import { percentText } from '../../spec/unit-text.ts';
import { defineCheck } from '../check.ts';
import { noController } from '../no-controller.ts';
import type { OwnObjective } from '../own-view.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { ObjectivesConfig } from './schema.ts';

/** The objectives of the service are met, as Rampart counts them. */
export const objectives = defineCheck({
  title: { en: 'Objectives (SLO)', ru: 'Цели (SLO)' },
  schema: ObjectivesConfig,
  capabilities: { own: true, alone: false },
  timeoutMs: 15_000,
  async run({ names, budget }, { own, service, signal }) {
    const lookedAt = sentence('objectives of $', 'цели сервиса $', service);
    const left = percentText(budget);
    const expected = sentence(
      '$, with at least $ of the error budget left',
      '$; бюджет ошибок: осталось не меньше $',
      asked(names),
      left,
    );
    if (!own) return noController(lookedAt, expected);
    const known = await own.objectives(signal);
    const wanted = names ?? known.map(({ name }) => name);
    if (wanted.length === 0) return resultOf(lookedAt, expected, [noneAtAll]);
    const findings = wanted.map((name) => {
      const found = known.find((one) => one.name === name);
      return found ? judged(found, budget) : missing(name, known);
    });
    const lefts = known.flatMap((one) => (wanted.includes(one.name) && one.budgetLeftPpm !== null ? [one.budgetLeftPpm] : []));
    const figures = lefts.length > 0 ? { budgetLeftPpm: Math.min(...lefts) } : {};
    return resultOf(lookedAt, expected, findings, figures);
  },
});

function asked(names: readonly string[] | undefined) {
  return names ? sentence('$ met', 'выполнены: $', listed(names)) : { en: 'all met', ru: 'выполнены все' };
}

const noneAtAll: Finding = {
  status: 'fail',
  text: { en: 'the service has no objectives', ru: 'у сервиса нет целей' },
  fix: { en: 'write objectives into the document of the service', ru: 'опишите цели (objectives) в документе сервиса' },
};

function missing(name: string, known: readonly OwnObjective[]): Finding {
  const others = listed(known.map((one) => one.name));
  return {
    status: 'fail',
    text: sentence('$: there is no such objective; there are: $', '$: такой цели нет; есть: $', name, others),
    fix: sentence('write the objective $ into the document of the service', 'опишите цель $ в документе сервиса', name),
  };
}

function judged({ name, met, budgetLeftPpm, sentence: said }: OwnObjective, budgetMin: number): Finding {
  if (met === null || (budgetLeftPpm === null && budgetMin > 0))
    return {
      status: 'unproven',
      text: sentence('$: not enough is known: $', '$: данных недостаточно: $', name, said),
      fix: sentence('let the service have traffic until $ can be judged', 'дождитесь нагрузки, по которой $ можно оценить', name),
    };
  if (!met)
    return {
      status: 'fail',
      text: sentence('$: not met: $', '$: не выполнена: $', name, said),
      fix: sentence('find what spends the budget of $: rampart slo', 'найдите, что расходует бюджет цели $: rampart slo', name),
    };
  const left = budgetLeftPpm === null ? null : signed(budgetLeftPpm);
  if (budgetLeftPpm !== null && budgetLeftPpm < budgetMin)
    return {
      status: 'fail',
      text: sentence(
        '$: met, and $ of its error budget is left: $',
        '$: выполнена, но бюджета осталось $: $',
        name,
        left ?? '',
        said,
      ),
      fix: sentence('wait with risks until $ has budget again', 'не рискуйте, пока бюджет цели $ не восстановится', name),
    };
  return { status: 'pass', text: sentence('$: met: $', '$: выполнена: $', name, said) };
}

/** A share that may be negative. */
function signed(ppm: number): string {
  return ppm < 0 ? `−${percentText(-ppm)}` : percentText(ppm);
}
