import type { OnCallFinding } from '../../incidents/on-call/findings.ts';
import { nearest } from '../../spec/nearest.ts';
import { defineCheck } from '../check.ts';
import { noController } from '../no-controller.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { OnCallConfig } from './schema.ts';

const dayMs = 86_400_000;

/** Somebody is on call and can be reached at any time of the days to come. */
export const onCall = defineCheck({
  title: { en: 'On call', ru: 'Дежурство' },
  schema: OnCallConfig,
  capabilities: { own: true, alone: false },
  timeoutMs: 15_000,
  async run({ days, schedules, policies }, { own, now }) {
    const lookedAt = sentence('who is on call, $ days from now on', 'дежурства на ближайшие дни: $', days);
    const expected = {
      en: 'somebody is on call at any time, and each step reaches somebody',
      ru: 'в любое время кто-то дежурит, и каждый шаг эскалации до кого-то доходит',
    };
    if (!own) return noController(lookedAt, expected);
    const nowMs = now();
    const found = own.onCall(nowMs, nowMs + days * dayMs);
    const findings: Finding[] = [
      ...missing('Schedule', schedules ?? [], found.schedules),
      ...missing('EscalationPolicy', policies ?? [], found.policies),
      ...(found.policies.length === 0 && policies?.length !== 0 ? [nobodyIsCalled] : []),
    ];
    const isAsked = ({ document: { kind, name } }: OnCallFinding): boolean => {
      const wanted = kind === 'Schedule' ? schedules : kind === 'EscalationPolicy' ? policies : undefined;
      return wanted === undefined || wanted.includes(name);
    };
    findings.push(...found.findings.filter(isAsked).map(judged));
    if (findings.length === 0)
      findings.push({
        status: 'pass',
        text: sentence(
          'schedules: $; policies: $',
          'расписания: $; политики: $',
          listed(schedules ?? found.schedules),
          listed(policies ?? found.policies),
        ),
      });
    const errors = found.findings.filter((one) => isAsked(one) && one.level === 'error').length;
    return resultOf(lookedAt, expected, findings, { schedules: found.schedules.length, errors });
  },
});

const nobodyIsCalled: Finding = {
  status: 'fail',
  text: {
    en: 'nobody is called of incidents: there is no escalation policy',
    ru: 'об инцидентах никого не зовут: нет политики эскалации',
  },
  fix: {
    en: 'write people, schedules and an EscalationPolicy, and put them into force: rampart incidents apply FILE',
    ru: 'опишите людей, расписания и EscalationPolicy и примените их: rampart incidents apply FILE',
  },
};

function missing(kind: string, wanted: readonly string[], known: readonly string[]): readonly Finding[] {
  return wanted
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      const fix =
        near === undefined
          ? sentence(
              'put a $ of that name into force: rampart incidents apply FILE',
              'примените $ с таким именем: rampart incidents apply FILE',
              kind,
            )
          : sentence('write $', 'напишите $', near);
      return { status: 'fail', text: sentence('there is no $ $', 'нет $ $', kind, name), fix };
    });
}

function judged({ level, document, path, text }: OnCallFinding): Finding {
  const place = `${document.kind} ${document.name}${path === '' ? '' : `, ${path}`}`;
  return {
    status: level === 'error' ? 'fail' : 'warn',
    text: sentence('$: $', '$: $', place, text),
    fix: sentence(
      'correct $ and apply it, or ask somebody to take the time: rampart oncall override; see all with: rampart oncall lint',
      'исправьте $ и примените, или попросите кого-то подежурить: rampart oncall override; всё сразу: rampart oncall lint',
      `${document.kind} ${document.name}`,
    ),
  };
}
