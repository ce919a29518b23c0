import { z } from 'zod';
import type { Difference, Receiver, Totals } from '../../incidents/routing/simulate.ts';
import type { CallDifference } from '../../notifications/simulate-calls.ts';
import type { ExplainedMessage, ExplainedNode, ExplanationView } from '../../views/explanation-view.ts';
import type { CallsView, RoutingLintView, SimulationView } from '../../views/routing-view.ts';
import { answer } from './answer.ts';
import { SetupFiles } from './incident-setup.ts';
import { toldShape } from './incidents.ts';
import { documentMax, LanguageQuery, line } from './requests.ts';

const moment = z.coerce.number().int().min(0).max(8_640_000_000_000_000);
const labels = z.record(z.string(), z.string());
const moments = z.number().describe('Unix milliseconds.');

export const AlertParams = z.object({ id: z.string().max(1_000).describe('Id of the alert, or its key or name: the last one.') });

export const ExplainQuery = z.strictObject({
  at: moment.exactOptional().describe('As it stood at this moment (unix milliseconds). Default: now.'),
  lang: LanguageQuery.shape.lang,
});

const reason = z.enum([
  'FirstNotification',
  'NewAlertsInGroup',
  'AllAlertsResolved',
  'NewResolvedAlerts',
  'RepeatIntervalElapsed',
]);

const ReceiverAnswer = answer<Receiver>()(
  z.object({ kind: z.enum(['policy', 'notifier']), name: z.string() }).meta({ id: 'RoutingReceiver' }),
);

const NodeAnswer = answer<ExplainedNode>()(
  z
    .object({
      place: z.string().describe('Where the node stands in its document.'),
      group: z.string().describe('Key of the group that the alert belongs to there.'),
      groupLabels: labels,
      policy: z.string().nullable(),
      notifiers: z.array(z.string()),
      toldCount: z.number(),
      nextMs: z.number().nullable().describe('When it is told of next if nothing changes; null: not within two weeks.'),
      told: z
        .array(
          z.object({
            atMs: moments,
            reason,
            firing: z.number().describe('Alerts that it says to be firing.'),
            isOver: z.boolean().describe('Whether it says that this alert is over.'),
            why: z.string(),
          }),
        )
        .describe('Messages by the rules, the last 20.'),
      standing: z.object({
        kind: z.enum(['to-come', 'over', 'by-policy', 'still', 'grouped', 'news-waits', 'repeat-not-due']),
        still: z
          .enum(['nobody', 'spoken-for', 'inhibited', 'inactive', 'muted', 'silenced'])
          .nullable()
          .describe('What keeps it still; null: nothing does.'),
        untilMs: z.number().nullable(),
        said: z.string(),
      }),
      said: z.array(z.string()).describe('All of it in sentences.'),
    })
    .meta({ id: 'ExplainedNode', description: 'What becomes of an alert at a node of the routing tree that takes it.' }),
);

const MessageAnswer = answer<ExplainedMessage>()(
  z
    .object({
      ...toldShape,
      incident: z.string(),
      reason: reason.nullable().describe('Why its group was told of; null: a policy has called.'),
      atMs: moments.describe('When it came on record that it is to be told.'),
      endedAtMs: z.number().nullable().describe('When it was delivered, refused or called off.'),
      text: z.string().describe('All of it in one sentence.'),
    })
    .meta({ id: 'ExplainedMessage', description: 'A message about an alert as it is on record, and what became of it.' }),
);

export const ExplanationAnswer = answer<ExplanationView>()(
  z
    .object({
      alert: z.object({
        id: z.string(),
        name: z.string(),
        labels,
        firedAtMs: moments,
        resolvedAtMs: z.number().nullable(),
      }),
      atMs: moments,
      nodes: z.array(NodeAnswer).describe('By the routing in force; empty: there is none.'),
      incidents: z.array(z.string()).describe('Incidents that the alert belongs to.'),
      messages: z.array(MessageAnswer).describe('What was really told, oldest first: the last 200.'),
      messageCount: z.number(),
      note: z.string().nullable().describe('Why nobody is told though the rules say so; null: the rules say all.'),
    })
    .meta({ id: 'AlertExplanation', description: 'Who was told of an alert, who was not, and why.' }),
);

const text = z.string().max(documentMax).describe('An AlertRouting document, or an alertmanager.yml, as the file holds it.');
const file = line.min(1).default('routing.yaml').describe('Name of the file, for messages.');

export const SimulateBody = z
  .strictObject({
    file,
    text: text.exactOptional(),
    setup: SetupFiles.exactOptional().describe('Instead of `text`: all files of a setup, to play its policies and people too.'),
    until: moment.exactOptional().describe('Play up to this moment (unix milliseconds). Default: now.'),
  })
  .refine(({ text: one, setup }) => (one === undefined) !== (setup === undefined), { error: 'expected either text or setup' });

const TotalsAnswer = answer<Totals>()(
  z
    .object({
      messages: z.number(),
      told: z.number().describe('Alerts that somebody is told of while they fire.'),
      receivers: z.array(ReceiverAnswer.and(z.object({ messages: z.number() }))),
    })
    .meta({ id: 'RoutingTotals' }),
);

type Differing = Omit<Difference, 'said'> & { readonly said: string };

const DifferenceAnswer = answer<Differing>()(
  z
    .object({
      alert: z.string(),
      name: z.string(),
      receiver: ReceiverAnswer,
      kind: z.enum(['no-longer', 'now', 'earlier', 'later']),
      beforeMs: z.number().nullable(),
      afterMs: z.number().nullable(),
      said: z.string(),
    })
    .meta({ id: 'RoutingDifference', description: 'That one receiver hears of one alert otherwise.' }),
);

type Calling = Omit<CallDifference, 'said'> & { readonly said: string };

const CallDifferenceAnswer = answer<Calling>()(
  z
    .object({
      incident: z.string(),
      person: z.string().nullable(),
      notifier: z.string().nullable().describe('The channel, where it is no person.'),
      step: z.number().describe('From 0.'),
      kind: z.enum(['added', 'removed', 'earlier', 'later']),
      beforeMs: z.number().nullable(),
      afterMs: z.number().nullable(),
      isAtNight: z.boolean().describe('Between 22:00 and 7:00 where they are.'),
      said: z.string(),
    })
    .meta({ id: 'CallDifference', description: 'A call that would be there, would not, or would come at another time.' }),
);

const CallsAnswer = answer<CallsView>()(
  z
    .object({
      incidents: z.number(),
      before: z.number(),
      after: z.number(),
      totals: z
        .array(
          z.object({
            person: z.string().nullable(),
            notifier: z.string().nullable(),
            before: z.number(),
            after: z.number(),
            beforeAtNight: z.number(),
            afterAtNight: z.number(),
          }),
        )
        .describe('The most called first.'),
      differences: z.array(CallDifferenceAnswer).describe('The first 1,000.'),
      differenceCount: z.number(),
    })
    .meta({ id: 'CallsSimulation', description: 'What a change of the setup does to calls by escalation policies.' }),
);

export const SimulationAnswer = answer<SimulationView>()(
  z
    .object({
      alerts: z.number(),
      fromMs: z.number().nullable().describe('Begin of the first alert that was played.'),
      untilMs: z.number(),
      before: TotalsAnswer.describe('With the routing in force.'),
      after: TotalsAnswer.describe('With the one that was sent.'),
      lost: z.array(z.string()).describe('Ids of alerts that nobody would be told of any more: the first 100.'),
      lostCount: z.number(),
      differences: z.array(DifferenceAnswer).describe('The first 1,000.'),
      differenceCount: z.number(),
      calls: CallsAnswer.nullable().describe('Calls by policies, of the incidents as they were taken and ended.'),
    })
    .meta({ id: 'RoutingSimulation', description: 'What a change of the routing does to the alerts on record.' }),
);

export const LintBody = z.strictObject({ file, text });

const LintAnswer = answer<RoutingLintView>()(
  z
    .object({
      rule: z.enum([
        'unreachable',
        'contradiction',
        'repeat-too-short',
        'tells-nobody',
        'no-such-policy',
        'no-such-notifier',
        'interval-never-holds',
        'interval-not-used',
        'inhibits-nothing',
      ]),
      place: z.string().describe('Where it stands in the document: route.routes[0].'),
      line: z.number(),
      column: z.number(),
      said: z.string(),
    })
    .meta({ id: 'RoutingLint', description: 'Something in a routing that is allowed and hardly meant.' }),
);

export const LintsAnswer = z.object({ found: z.array(LintAnswer) }).meta({ id: 'RoutingLints' });
