import type { Urgency } from '../../alerts/types.ts';
import { defaultPolicy } from '../../slo/policy.ts';
import type { Objective } from '../../spec/types.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { noController } from '../no-controller.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';

/** The most urgent first. */
const urgencies: readonly Urgency[] = ['page', 'chat', 'email'];

/** The objectives of the service's document have alerts that are urgent enough. */
export function ownAlerts(
  config: { readonly objectives?: readonly string[] | undefined; readonly urgency: Urgency },
  { own, service }: CheckContext,
): CheckResult {
  const lookedAt = sentence('document of $', 'документ сервиса $', service);
  const whose = config.objectives ? listed(config.objectives) : { en: 'every objective', ru: 'каждая цель' };
  const expected = sentence('$ with an alert for $', '$ с алертом не слабее $', whose, config.urgency);
  if (!own) return noController(lookedAt, expected);
  const known = own.spec.objectives;
  const wanted = config.objectives ?? known.map(({ name }) => name);
  if (wanted.length === 0) return resultOf(lookedAt, expected, [noObjectives]);
  const findings = wanted.map((name) => judged(name, known.find((one) => one.name === name) ?? null, config.urgency));
  return resultOf(lookedAt, expected, findings);
}

const noObjectives: Finding = {
  status: 'fail',
  text: { en: 'the service has no objectives, so nothing alerts', ru: 'у сервиса нет целей, поэтому нет и алертов' },
  fix: { en: 'write objectives into the document of the service', ru: 'опишите цели (objectives) в документе сервиса' },
};

function judged(name: string, objective: Objective | null, urgency: Urgency): Finding {
  const fix = sentence('give the objective $ alerts', 'задайте алерты (alerts) для цели $', name);
  if (!objective) return { status: 'fail', text: sentence('$: there is no such objective', '$: такой цели нет', name), fix };
  const tiers = objective.alerts ?? defaultPolicy;
  if (tiers.length === 0) return { status: 'fail', text: sentence('$: no alerts', '$: алертов нет', name), fix };
  const has = listed(tiers.map((tier) => `${tier.name} (${tier.tells})`));
  const text = sentence('$: $', '$: $', name, has);
  const isUrgent = tiers.some((tier) => urgencies.indexOf(tier.tells) <= urgencies.indexOf(urgency));
  return isUrgent ? { status: 'pass', text } : { status: 'fail', text, fix };
}

/** Nothing of the service fires now. */
export function quietNow(
  { urgencies: loud }: { readonly urgencies: readonly Urgency[] },
  { own, service, now }: CheckContext,
): CheckResult {
  const lookedAt = sentence('alerts of $', 'алерты сервиса $', service);
  const expected = sentence('no alert that tells $', 'нет алертов уровня $', listed(loud));
  if (!own) return noController(lookedAt, expected);
  const firing = own.alerts().filter(({ urgency }) => loud.includes(urgency));
  const findings = firing.map(({ name, urgency, sinceMs }): Finding => {
    const minutes = Math.max(0, Math.floor((now() - sinceMs) / 60_000));
    return {
      status: 'fail',
      text: sentence('$ ($) fires since $ min', '$ ($) горит уже $ мин', name, urgency, minutes),
      fix: sentence('resolve $ first', 'сначала устраните причину $', name),
    };
  });
  const none: Finding = { status: 'pass', text: { en: 'nothing fires', ru: 'ни один алерт не горит' } };
  return resultOf(lookedAt, expected, findings.length > 0 ? findings : [none], { firing: firing.length });
}
