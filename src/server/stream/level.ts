import type { Language } from '../../analysis/sentence.ts';
import { isOver } from '../../incidents/severity.ts';
import type { Incident } from '../../incidents/types.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { IncidentKeeper } from '../../runtime/incidents/incident-keeper.ts';
import type { RunbookKeeper } from '../../runtime/incidents/runbook-keeper.ts';
import type { OutboxKeeper } from '../../runtime/notifications/outbox-keeper.ts';
import type { Gauge } from '../../signals/types.ts';
import { health } from '../../views/health.ts';
import { incidentRow, incidentView } from '../../views/incident-view.ts';
import { incidentMessages } from '../../views/notification-view.ts';
import { inOrder, type OverviewRow, overviewRow } from '../../views/overview.ts';
import { runbookView } from '../../views/runbook-view.ts';
import { releaseView, serviceView } from '../../views/service-view.ts';
import type { Signals } from '../../views/signals.ts';
import type { Changing, Seen, Topic } from './topic.ts';

/** How a topic is now, as JSON without its moment: the same text is no news. null: there is nothing to tell. */
export type Levels = (topic: Topic, seen: Seen, language: Language, nowMs: number) => string | null;

/** Rows of the overview grow old too: a release that was taken back is a reason to look for some minutes only. */
const rowMaxAgeMs = 5_000;

/** Incidents in a level; with more than that on one's hands, the list is asked for page by page. */
const incidentsMax = 200;

/** What levels are made of. */
export type LevelSources = {
  readonly controller: Controller;
  readonly signalsOf: (service: string) => Signals | null;
  readonly gaugesOf: (service: string) => readonly Gauge[];
  readonly incidents: IncidentKeeper;
  readonly runbooks: RunbookKeeper;
  readonly notifications: OutboxKeeper;
  /** Position in the log of the last event about it since the server started; 0: there was none. */
  readonly changedAt: (what: Changing) => number;
};

type KnownRow = { readonly of: unknown; readonly signals: Signals | null; readonly atMs: number; readonly row: OverviewRow };

/** Makes levels, and rows of the overview only for the services that have changed: a second reader costs nothing. */
export function levels(sources: LevelSources): Levels {
  const { controller, signalsOf, gaugesOf, incidents, runbooks, notifications, changedAt } = sources;
  const rows = new Map<Language, Map<string, KnownRow>>();
  const texts = new WeakMap<OverviewRow, string>();
  const incidentTexts = { en: new WeakMap<Incident, string>(), ru: new WeakMap<Incident, string>() };

  function rowsOf(seen: Seen, language: Language, nowMs: number): readonly OverviewRow[] {
    const known = rows.get(language) ?? new Map<string, KnownRow>();
    rows.set(language, known);
    return controller.services.flatMap((state) => {
      if (seen !== null && !seen.has(state.name)) return [];
      const signals = signalsOf(state.name);
      const kept = known.get(state.name);
      if (kept && kept.of === state && kept.signals === signals && nowMs - kept.atMs < rowMaxAgeMs) return [kept.row];
      const row = overviewRow(state, signals, gaugesOf(state.name), nowMs, language);
      known.set(state.name, { of: state, signals, atMs: nowMs, row });
      return [row];
    });
  }

  function textOf(row: OverviewRow): string {
    const text = texts.get(row) ?? JSON.stringify(row);
    texts.set(row, text);
    return text;
  }

  function incidentText(incident: Incident, language: Language): string {
    const text = incidentTexts[language].get(incident) ?? JSON.stringify(incidentRow(incident, language));
    incidentTexts[language].set(incident, text);
    return text;
  }

  return (topic, seen, language, nowMs) => {
    switch (topic.kind) {
      case 'overview':
        return `"services":[${inOrder(rowsOf(seen, language, nowMs))
          .map(textOf)
          .join()}]`;
      case 'service': {
        const state = controller.service(topic.service);
        if (!state) return null;
        const signals = signalsOf(topic.service);
        const how = health(state, signals, gaugesOf(topic.service), nowMs, language);
        return inside({ ...serviceView(state, nowMs, language), health: how, signals });
      }
      case 'release': {
        const found = controller.release(topic.release);
        return found ? inside(releaseView(found.release, found.service, nowMs, language)) : null;
      }
      case 'incidents': {
        const isSeen = ({ service }: Incident): boolean => seen === null || (service !== null && seen.has(service));
        const live = incidents.all.filter((incident) => !isOver(incident) && isSeen(incident));
        const rows = live.slice(0, incidentsMax).map((incident) => incidentText(incident, language));
        return `"incidents":[${rows.join()}],"count":${live.length}`;
      }
      case 'incident': {
        const incident = incidents.find(topic.incident);
        if (!incident) return null;
        const { id, openedAtMs } = incident;
        const messages = incidentMessages(notifications.state, notifications.waits, language, id);
        const runs = runbooks.of(id).map((run) => runbookView(run, openedAtMs, language));
        return inside({ ...incidentView(incident, language), runbooks: runs, messages });
      }
      case 'changed':
        return `"what":"${topic.what}","seq":${changedAt(topic.what)}`;
    }
  };
}

function inside(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}
