import { momentUtc, said } from '../../analysis/figures.ts';
import type { IncidentRecord } from '../../incidents/events.ts';
import type { ResponderAction, Told } from '../../incidents/types.ts';
import { recordedRussian } from '../../release/recorded-russian.ts';
import type { Text } from '../../spec/text.ts';
import type { PublicUpdate, TimelineEntry } from './types.ts';
import { postMortemWords } from './words.ts';

/** An event of the incident as the log has it. */
export type LoggedIncident = IncidentRecord & { readonly seq: number };

/** An event of a release, and what there is to tell of it. */
export type LoggedRelease = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
};

/** Rows that a timeline has room for; of more the first and the last ones are shown. */
const rowsMax = 1_000;

/** What happened, in the order of time: events of the incident and of its release. */
export function timelineOf(
  incidents: readonly LoggedIncident[],
  releases: readonly LoggedRelease[],
  urlOf: (seq: number) => string | null,
): { readonly entries: readonly TimelineEntry[]; readonly leftOut: number } {
  const all = [
    ...incidents.map((one) => incidentEntry(one, urlOf(one.seq))),
    ...releases.flatMap((one) => releaseEntry(one, urlOf(one.seq))),
  ].sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  const leftOut = Math.max(0, all.length - rowsMax);
  return { entries: leftOut === 0 ? all : [...all.slice(0, rowsMax / 2), ...all.slice(-rowsMax / 2)], leftOut };
}

/** What the public was told, oldest first. */
export function publicUpdates(incidents: readonly LoggedIncident[]): readonly PublicUpdate[] {
  return incidents.flatMap((one) =>
    one.kind === 'incident-updated' ? [{ seq: one.seq, atMs: one.at, by: one.actor, text: one.data.text }] : [],
  );
}

function releaseEntry({ seq, at, kind, actor, said: what }: LoggedRelease, url: string | null): readonly TimelineEntry[] {
  if (what === null) return [];
  const text = { en: what, ru: recordedRussian(what) };
  return [{ seq, atMs: at, source: 'release', kind, who: actor, text, url, isNote: false }];
}

function incidentEntry(record: LoggedIncident, url: string | null): TimelineEntry {
  const { seq, at, kind, actor } = record;
  const source = kind.startsWith('incident-alert-') ? 'alert' : kind === 'incident-told' ? 'message' : 'incident';
  return { seq, atMs: at, source, kind, who: actor, text: textOf(record), url, isNote: kind === 'incident-noted' };
}

/** An event in one sentence. */
function textOf(record: LoggedIncident): Text {
  switch (record.kind) {
    case 'incident-opened': {
      const { severity, title, why } = record.data;
      return withWhy(both(`opened as ${severity}: ${title}`, `открыт как ${severity}: ${title}`), why);
    }
    case 'incident-alert-joined': {
      const { alerts } = record.data;
      const [first] = alerts;
      const more = alerts.length - 1;
      const name = first === undefined ? '' : `${first.name}: ${first.said}`;
      return said(
        ({ n }) => `alert ${name}${more > 0 ? `, and ${n(more)} more` : ''}`,
        ({ n }) => `оповещение ${name}${more > 0 ? ` и ещё ${n(more)}` : ''}`,
      );
    }
    case 'incident-alert-changed': {
      const { alerts, isRecovering } = record.data;
      return isRecovering
        ? both(`recovering: ${alerts.join(', ')}`, `восстанавливается: ${alerts.join(', ')}`)
        : both(`firing again: ${alerts.join(', ')}`, `снова срабатывает: ${alerts.join(', ')}`);
    }
    case 'incident-alert-ended': {
      const ids = record.data.alerts.map(({ id }) => id).join(', ');
      return both(`alert ended: ${ids}`, `оповещение закончилось: ${ids}`);
    }
    case 'incident-attributed': {
      const { said: what } = record.data.attribution;
      return both(`attributed: ${what}`, `связано с релизами: ${what}`);
    }
    case 'incident-severity-changed':
      return withWhy(
        both(`severity is ${record.data.severity} now`, `теперь критичность ${record.data.severity}`),
        record.data.why,
      );
    case 'incident-acknowledged': {
      const until = momentUtc(record.data.untilMs);
      return withWhy(both(`taken until ${until} UTC`, `принят до ${until} UTC`), record.data.why);
    }
    case 'incident-acknowledgement-ended':
      return withWhy(both('nobody has it any more', 'инцидент больше никем не принят'), record.data.why);
    case 'incident-mitigated':
      return withWhy(prefixed('mitigated', 'смягчён', record.data.said), record.data.why);
    case 'incident-resolved':
      return withWhy(prefixed('resolved', 'завершён', record.data.said), record.data.why);
    case 'incident-reopened':
      return withWhy(prefixed('reopened', 'открыт снова', record.data.said), record.data.why);
    case 'incident-reviewed':
      return withWhy(both('the post-mortem was accepted', 'постмортем принят'), record.data.why);
    case 'incident-noted':
      return record.data.text;
    case 'incident-action-begun': {
      const { does, said: what } = record.data;
      return worded(does, (word, begun) => `${word} ${begun}: ${what}`, ['begun', 'начато']);
    }
    case 'incident-action-ended': {
      const { action, outcome, said: what } = record.data;
      const { en, ru } = postMortemWords;
      return both(`${action} ${en.outcomes[outcome]}: ${what}`, `${action}: ${ru.outcomes[outcome]}: ${what}`);
    }
    case 'incident-escalated':
      return prefixed(`escalation, step ${record.data.step + 1}`, `эскалация, шаг ${record.data.step + 1}`, record.data.said);
    case 'incident-told':
      return toldText(record.data);
    case 'incident-suppressed': {
      const { what, why } = record.data;
      return both(`not told: ${what}: ${why}`, `не оповещено: ${what}: ${why}`);
    }
    case 'incident-measured':
      return both('what it did to users was measured', 'подсчитано влияние на пользователей');
    case 'incident-diagnosed':
      return said(
        ({ count }) => `${count(record.data.causes.length, 'possible cause', '', 'possible causes')} looked at`,
        ({ count }) =>
          `${count(record.data.causes.length, 'возможная причина рассмотрена', 'возможные причины рассмотрены', 'возможных причин рассмотрено')}`,
      );
    case 'incident-review-edited':
      return both('the post-mortem was edited', 'постмортем изменён');
    case 'incident-action-item-set': {
      const { item, text, owner, due, state } = record.data;
      const { en, ru } = postMortemWords;
      return both(
        `${item}: ${text} (${owner}, ${due}, ${en.itemStates[state]})`,
        `${item}: ${text} (${owner}, ${due}, ${ru.itemStates[state]})`,
      );
    }
    case 'incident-updated':
      return prefixed('the public reads', 'сообщение для пользователей', record.data.text);
  }
}

function toldText({ person, notifier, state, said: what }: Omit<Told, 'atMs'>): Text {
  const whom = person === null ? notifier : `${person} (${notifier})`;
  const { en, ru } = postMortemWords;
  const more = what === '' ? '' : `: ${what}`;
  return both(`message to ${whom}: ${en.toldStates[state]}${more}`, `сообщение для ${whom}: ${ru.toldStates[state]}${more}`);
}

function worded(
  does: ResponderAction['kind'],
  make: (word: string, begun: string) => string,
  [begunEn, begunRu]: readonly [string, string],
): Text {
  return both(make(postMortemWords.en.actions[does], begunEn), make(postMortemWords.ru.actions[does], begunRu));
}

function both(en: string, ru: string): Text {
  return { en, ru };
}

function prefixed(en: string, ru: string, text: Text): Text {
  const [english, russian] = typeof text === 'string' ? [text, text] : [text.en, text.ru];
  return both(`${en}: ${english}`, `${ru}: ${russian}`);
}

function withWhy(text: Text, why: string): Text {
  if (why === '') return text;
  return typeof text === 'string' ? `${text} (${why})` : both(`${text.en} (${why})`, `${text.ru} (${why})`);
}
