import type { Language } from '../analysis/sentence.ts';
import { momentText, reasons, standingText } from '../incidents/routing/explain-text.ts';
import type { Explanation, NodeExplanation, Standing } from '../incidents/routing/explanation.ts';
import type { ToldOnRecord } from '../incidents/routing/told-on-record.ts';
import { textIn } from '../spec/text.ts';

/** What becomes of an alert at one node of the routing tree, in one language. Times are unix milliseconds. */
export type ExplainedNode = Pick<
  NodeExplanation,
  'place' | 'group' | 'groupLabels' | 'policy' | 'notifiers' | 'toldCount' | 'nextMs'
> & {
  /** Messages by the rules, the last 20. */
  readonly told: readonly (NodeExplanation['told'][number] & { readonly why: string })[];
  readonly standing: {
    readonly kind: Standing['kind'];
    /** What keeps it still; null: nothing does. */
    readonly still: (Standing & { kind: 'still' })['why']['kind'] | null;
    readonly untilMs: number | null;
    readonly said: string;
  };
  /** All of it in sentences. */
  readonly said: readonly string[];
};

/** A message as it is on record, in one language. */
export type ExplainedMessage = ToldOnRecord & {
  /** Who was told, when, why, and what became of it, in one sentence. */
  readonly text: string;
};

/** Who was told of an alert, who was not and why, in one language. */
export type ExplanationView = Pick<Explanation, 'alert' | 'atMs'> & {
  /** By the routing in force; empty: there is none. */
  readonly nodes: readonly ExplainedNode[];
  /** Incidents that the alert belongs to. */
  readonly incidents: readonly string[];
  /** What was really told of it, oldest first: the last 200; `messageCount` counts all. */
  readonly messages: readonly ExplainedMessage[];
  readonly messageCount: number;
  /** Why nobody is told though the rules say so; null: the rules say all. */
  readonly note: string | null;
};

const messagesMax = 200;

export function explanationView(
  { alert, atMs, nodes }: Explanation,
  incidents: readonly string[],
  messages: readonly ToldOnRecord[],
  unsaid: { readonly kind: keyof (typeof notes)['en']; readonly incident: string } | null,
  language: Language,
): ExplanationView {
  return {
    alert,
    atMs,
    nodes: nodes.map(({ told, standing, said, ...node }) => ({
      ...node,
      told: told.map((one) => ({ ...one, why: reasons[one.reason][language] })),
      standing: {
        kind: standing.kind,
        still: standing.kind === 'still' ? standing.why.kind : null,
        untilMs: untilOf(standing),
        said: textIn(standingText(standing), language),
      },
      said: said.map((text) => textIn(text, language)),
    })),
    incidents,
    messages: messages.slice(-messagesMax).map((message) => ({ ...message, text: messageText(message, language) })),
    messageCount: messages.length,
    note: unsaid === null ? null : notes[language][unsaid.kind](unsaid.incident),
  };
}

function untilOf(standing: Standing): number | null {
  switch (standing.kind) {
    case 'still':
    case 'grouped':
    case 'news-waits':
      return standing.untilMs;
    case 'repeat-not-due':
      return standing.fromMs;
    case 'to-come':
    case 'over':
    case 'by-policy':
      return null;
  }
}

const notes = {
  en: {
    settled: (id: string) => `${id} was resolved by hand: of its alerts that still fire nobody is told until it is open again`,
    machine: (id: string) => `no person was needed in ${id}: the machine was at it`,
  },
  ru: {
    settled: (id: string) => `${id} завершён вручную: об алертах, которые ещё горят, не сообщается, пока он снова не открыт`,
    machine: (id: string) => `в ${id} человек не понадобился: им занималась автоматика`,
  },
} as const;

const states = {
  en: { queued: 'waits to be sent', delivered: 'delivered', refused: 'not taken', cancelled: 'called off' },
  ru: { queued: 'ждёт отправки', delivered: 'доставлено', refused: 'не принято', cancelled: 'отменено' },
} as const;

function messageText({ person, notifier, step, reason, state, said, atMs, endedAtMs }: ToldOnRecord, language: Language): string {
  const to = person === null ? notifier : `${person} (${notifier})`;
  const why =
    reason !== null
      ? reasons[reason]
      : step === null
        ? { en: 'what the machine has done', ru: 'что сделала автоматика' }
        : { en: `step ${step + 1} of the policy`, ru: `шаг ${step + 1} политики` };
  const end = `${states[language][state]}${endedAtMs === null ? '' : ` ${momentText(endedAtMs)}`}${said === '' ? '' : `: ${said}`}`;
  return `${momentText(atMs)} ${to}, ${why[language]}: ${end}`;
}
