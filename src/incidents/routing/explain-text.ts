import { type AlertMatcher, matcherText } from '../../spec/alert-matcher.ts';
import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';
import { forecastMs, type NodeExplanation, type Standing } from './explanation.ts';
import type { NoticeReason } from './notify-decision.ts';
import type { Still } from './stillness.ts';

/** A moment for people, in UTC: `2026-11-29 01:05:30Z`. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/**
 * What becomes of an alert at a node, in sentences.
 *
 * @param others - Other alerts of its group that fire.
 */
export function nodeSentences(
  node: Omit<NodeExplanation, 'said'>,
  matchers: readonly AlertMatcher[],
  others: number,
): readonly Text[] {
  const { place, policy, notifiers, told, toldCount, standing, nextMs } = node;
  const wanted = matchers.map(matcherText).join(', ');
  const taken =
    place === 'route'
      ? {
          en: 'no node below the first one takes it, so the first one does',
          ru: 'ни один узел ниже первого его не берёт, поэтому берёт первый',
        }
      : { en: `${place} takes it: ${wanted || 'every alert'}`, ru: `его берёт узел ${place}: ${wanted || 'любой алерт'}` };
  const group = {
    en: `its group is ${node.group}, where ${others} other ${others === 1 ? 'alert fires' : 'alerts fire'}`,
    ru: `его группа ${node.group}, других горящих алертов в ней: ${others}`,
  };
  const sentences: Text[] = [taken, group];
  if (policy !== null || notifiers.length > 0) sentences.push(receiversText(policy, notifiers));
  const left = toldCount - told.length;
  if (left > 0) sentences.push({ en: `told ${left} times before`, ru: `до этого сообщено раз: ${left}` });
  for (const { atMs, reason, firing, isOver } of told) {
    const why = reasons[reason];
    sentences.push({
      en: `told at ${momentText(atMs)}${isOver ? ' that it is over' : ''}: ${why.en} (${firing} firing)`,
      ru: `сообщено ${momentText(atMs)}${isOver ? ' о его конце' : ''}: ${why.ru} (горит: ${firing})`,
    });
  }
  sentences.push(standingText(standing));
  if (standing.kind === 'over' || standing.kind === 'to-come' || standing.kind === 'by-policy') return sentences;
  if (standing.kind !== 'still' && policy !== null)
    sentences.push({
      en: `policy ${policy} calls people by the incident, whatever these times are`,
      ru: `политика ${policy} зовёт людей по инциденту, эти времена на неё не влияют`,
    });
  if (notifiers.length === 0) return sentences;
  const days = durationText(forecastMs);
  return [
    ...sentences,
    nextMs === null
      ? {
          en: `if nothing changes, nobody is told within ${days}`,
          ru: `если ничего не изменится, за ${days} никому не будет сообщено`,
        }
      : {
          en: `if nothing changes, told next at ${momentText(nextMs)}`,
          ru: `если ничего не изменится, следующее сообщение ${momentText(nextMs)}`,
        },
  ];
}

function receiversText(policy: string | null, notifiers: readonly string[]): Text {
  const both = (policyIs: string, receivers: string): string =>
    [
      ...(policy === null ? [] : [`${policyIs} ${policy}`]),
      ...(notifiers.length === 0 ? [] : [`${receivers} ${notifiers.join(', ')}`]),
    ].join('; ');
  return { en: `who is told: ${both('policy', 'receivers')}`, ru: `кому сообщается: ${both('политика', 'получатели')}` };
}

/** Why a group is told of. */
export const reasons: Readonly<Record<NoticeReason, { readonly en: string; readonly ru: string }>> = {
  FirstNotification: { en: 'first message of the group', ru: 'первое сообщение группы' },
  NewAlertsInGroup: { en: 'new alerts in the group', ru: 'новые алерты в группе' },
  AllAlertsResolved: { en: 'all alerts of the group are over', ru: 'все алерты группы закончились' },
  NewResolvedAlerts: { en: 'some alerts of the group are over', ru: 'часть алертов группы закончилась' },
  RepeatIntervalElapsed: { en: 'time to repeat', ru: 'пора повторить' },
};

/** How an alert stands at a node. */
export function standingText(standing: Standing): Text {
  switch (standing.kind) {
    case 'to-come':
      return { en: 'it does not fire yet', ru: 'он ещё не горит' };
    case 'over': {
      const at = momentText(standing.atMs);
      return standing.isTold
        ? { en: `it is over since ${at}`, ru: `он закончился ${at}` }
        : { en: `it was over at ${at}, before anybody was told`, ru: `он закончился ${at}, раньше чем кому-либо сообщили` };
    }
    case 'by-policy':
      return {
        en: 'its policy calls people by the incident, in no times of the group',
        ru: 'людей зовёт политика по инциденту, времена группы на неё не влияют',
      };
    case 'still': {
      const { en, ru } = stillText(standing.why);
      if (standing.untilMs === null) return { en: `not told: ${en}`, ru: `не сообщается: ${ru}` };
      const until = momentText(standing.untilMs);
      return { en: `not told: ${en}, until ${until}`, ru: `не сообщается: ${ru}, до ${until}` };
    }
    case 'grouped': {
      const [until, wait] = [momentText(standing.untilMs), durationText(standing.waitMs)];
      return {
        en: `not told yet: grouped until ${until}, because the first message waits ${wait} for more alerts`,
        ru: `ещё не сообщено: группируется до ${until}, потому что первое сообщение ждёт другие алерты ${wait}`,
      };
    }
    case 'news-waits': {
      const [until, every] = [momentText(standing.untilMs), durationText(standing.intervalMs)];
      return {
        en: `not told yet: waits until ${until}, because news of the group is told every ${every}`,
        ru: `ещё не сообщено: ждёт до ${until}, потому что о новом в группе сообщается раз в ${every}`,
      };
    }
    case 'repeat-not-due': {
      const [told, from, repeat] = [momentText(standing.toldAtMs), momentText(standing.fromMs), durationText(standing.repeatMs)];
      return {
        en: `not told again yet: nothing is new since ${told}, and a repeat is due ${repeat} later, after ${from}`,
        ru: `повторно ещё не сообщается: с ${told} нет нового, повтор положен через ${repeat}, после ${from}`,
      };
    }
  }
}

/** What keeps an alert still. */
export function stillText(why: Still): { readonly en: string; readonly ru: string } {
  switch (why.kind) {
    case 'nobody':
      return { en: 'the node names neither a policy nor receivers', ru: 'узел не называет ни политики, ни получателей' };
    case 'spoken-for':
      return { en: `the alert ${why.by} speaks for it`, ru: `за него говорит алерт ${why.by}` };
    case 'inhibited': {
      const { rule, by } = why;
      const equal = rule.equal.length === 0 ? '' : `, same ${rule.equal.join(', ')}`;
      const same = rule.equal.length === 0 ? '' : `, совпадают ${rule.equal.join(', ')}`;
      const named = rule.name ?? rule.place;
      return {
        en: `inhibited by the alert ${by.name} (${by.id}) through ${named}${equal}`,
        ru: `подавлен алертом ${by.name} (${by.id}) по правилу ${named}${same}`,
      };
    }
    case 'inactive':
      return { en: `outside of the intervals ${why.names.join(', ')}`, ru: `вне интервалов ${why.names.join(', ')}` };
    case 'muted':
      return { en: `muted by the interval ${why.name}`, ru: `заглушён интервалом ${why.name}` };
    case 'silenced': {
      const { id, by, comment } = why.silence;
      const said = comment === '' ? '' : `: ${comment}`;
      return { en: `silenced by ${id} of ${by}${said}`, ru: `заглушён тишиной ${id} от ${by}${said}` };
    }
  }
}
