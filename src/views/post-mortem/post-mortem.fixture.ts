import { measureIncident } from '../../incidents/impact/measure.ts';
import type { CountCell } from '../../incidents/impact/types.ts';
import type { Judged } from '../../incidents/learning/types.ts';
import { noReview } from '../../incidents/review.ts';
import { defaultPolicy } from '../../slo/policy.ts';
import type { PostMortemInput, TimelineEntry } from './types.ts';

/** 2026-11-29 03:00:00 UTC. */
const beginS = 1_795_921_200;
/** Moment of a slot of ten seconds. */
export const at = (slot: number): number => (beginS + slot * 10) * 1_000;

/** Half of the traffic fails from slot 400 on until it is taken back at 424. */
const cells: readonly CountCell[] = Array.from({ length: 480 }, (_, slot): readonly CountCell[] => {
  const fromS = beginS + slot * 10;
  const cell = { fromS, toS: fromS + 10, isLeftOut: false };
  const isBad = slot >= 400 && slot < 424;
  return [
    { ...cell, version: '1.0.0', total: isBad ? 90 : 100, bad: slot % 40 === 0 ? 1 : 0 },
    ...(isBad ? [{ ...cell, version: '1.1.0', total: 10, bad: 8 }] : []),
  ];
}).flat();

function entry(seq: number, slot: number, kind: string, who: string, text: TimelineEntry['text'], isNote = false): TimelineEntry {
  const source = kind.startsWith('incident') ? 'incident' : 'release';
  return { seq, atMs: at(slot), source, kind, who, text, url: null, isNote };
}

const [pages] = defaultPolicy;
if (!pages) throw new Error('the usual policy pages nobody');

const lesson: Judged = { tier: pages, detectedMs: 40_000, falseAlarms: 0, judgedMs: 3_600_000 };

/** A release that failed, was taken back by the machine, and is over. */
export const rolledBack: PostMortemInput = {
  incident: {
    id: 'shop-20261129-1',
    title: 'shop: availability burns its budget',
    severity: 'P0',
    service: 'shop',
    state: 'resolved',
    startedAtMs: at(404),
    startedBy: null,
    openedAtMs: at(404),
    toldAtMs: at(405),
    acknowledgedAtMs: at(430),
    mitigatedAtMs: at(436),
    resolvedAtMs: at(454),
    reviewedAtMs: null,
    alertCount: 1,
    alerts: [
      {
        id: `shop/availability/P0@${at(404)}`,
        key: 'shop/availability/P0',
        origin: 'objective',
        name: 'availability P0',
        service: 'shop',
        urgency: 'page',
        said: 'in 1h 32 of 36,000 bad (0.0889 %)',
        url: null,
        sinceMs: at(404),
        firedAtMs: at(404),
        isRecovering: false,
        resolvedAtMs: at(454),
      },
    ],
    attribution: null,
    actions: [
      {
        id: 'restart-1',
        kind: 'restart',
        begunAtMs: at(406),
        endedAtMs: at(410),
        outcome: 'no-help',
        said: '2 instances started anew',
      },
      {
        id: 'rollback-1',
        kind: 'rollback',
        begunAtMs: at(421),
        endedAtMs: at(424),
        outcome: 'helped',
        said: '1.0.0 has all traffic',
      },
    ],
    told: [
      { key: 'k1', atMs: at(405), person: null, notifier: 'shop-slack', step: 0, state: 'delivered', said: 'ok' },
      { key: 'k2', atMs: at(406), person: 'anna', notifier: 'sms', step: 0, state: 'refused', said: '21211: not a number' },
    ],
    notes: [],
    response: null,
    person: null,
  },
  entries: [
    entry(101, 404, 'incident-opened', 'rampart', { en: 'opened as P0', ru: 'открыт как P0' }),
    entry(102, 405, 'incident-told', 'rampart', { en: 'shop-slack was told', ru: 'сообщено в shop-slack' }),
    entry(104, 421, 'incident-action-begun', 'rampart', { en: 'rollback', ru: 'откат' }),
    entry(107, 430, 'incident-acknowledged', 'anna', { en: 'taken by anna', ru: 'принято: anna' }),
    entry(108, 431, 'incident-noted', 'anna', 'the pool was full', true),
    entry(109, 436, 'incident-mitigated', 'rampart', { en: 'mitigated', ru: 'смягчено' }),
    entry(112, 454, 'incident-resolved', 'rampart', { en: 'resolved', ru: 'завершено' }),
  ],
  entriesLeftOut: 0,
  updates: [{ seq: 105, atMs: at(425), by: 'rampart', text: { en: 'Some orders fail', ru: 'Часть заказов не проходит' } }],
  measure: measureIncident({
    startedAtMs: at(404),
    isStartGiven: false,
    guardedFromMs: null,
    detectedAtMs: at(404),
    endedAtMs: at(436),
    overAtMs: at(454),
    lookBackMs: 3_600_000,
    actions: [
      { id: 'restart-1', begunAtMs: at(406), endedAtMs: at(410) },
      { id: 'rollback-1', begunAtMs: at(421), endedAtMs: at(424) },
    ],
    objectives: [
      {
        id: 'shop/availability',
        name: 'availability',
        targetPpm: 999_000,
        windowMs: 30 * 86_400_000,
        expected: 25_920_000,
        tier: pages,
        cells,
      },
    ],
  }),
  release: { id: 'shop-7', version: '1.1.0', stable: '1.0.0', percentMax: 10, safeAtMs: at(424), backBy: 'operator' },
  causes: [
    {
      id: 'release/shop-7',
      kind: 'release',
      strength: 'strong',
      said: { en: '1.1.0 fails more than 1.0.0', ru: '1.1.0 отказывает чаще, чем 1.0.0' },
      evidence: [{ text: { en: '192 of 240 against 1 of 2,160', ru: '192 из 240 против 1 из 2 160' }, seq: 104 }],
      refutedBy: { en: '1.0.0 failing as often', ru: 'столь же частые отказы 1.0.0' },
    },
  ],
  lessons: [],
  review: noReview,
  narration: null,
};

/** Texts of an attacker, in every place that somebody else fills. */
export function hostileInput(text: string): PostMortemInput {
  const { incident, entries } = rolledBack;
  return {
    ...rolledBack,
    incident: {
      ...incident,
      title: text,
      service: text,
      alerts: incident.alerts.map((alert) => ({ ...alert, name: text, said: text })),
      actions: incident.actions.map((action) => ({ ...action, said: text })),
      told: incident.told.map((told) => ({ ...told, person: text, notifier: text, said: text })),
    },
    entries: entries.map((one) => ({ ...one, who: text, text, url: `javascript:${text}` })),
    updates: rolledBack.updates.map((one) => ({ ...one, by: text, text })),
    causes: rolledBack.causes.map((cause) => ({
      ...cause,
      said: text,
      evidence: [{ text, seq: 104 }],
      refutedBy: text,
    })),
    lessons: [
      {
        id: 'x',
        objective: 'shop/availability',
        change: text,
        now: lesson,
        then: lesson,
        earlierMs: 1,
        extraFalseAlarms: 0,
        diff: `- ${text}\n+ ${text}`,
      },
    ],
    review: {
      authors: [text],
      texts: { causes: { text: `${text}\n\n${text}`, by: text, atMs: at(460) } },
      items: [
        {
          id: 'a1',
          text,
          owner: text,
          due: '2026-12-11',
          state: 'open',
          proposal: null,
          by: text,
          createdAtMs: at(460),
          closedAtMs: null,
        },
      ],
      accepted: null,
    },
  };
}
