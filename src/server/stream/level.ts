import type { Language } from '../../analysis/sentence.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { Gauge } from '../../signals/types.ts';
import { health } from '../../views/health.ts';
import { inOrder, type OverviewRow, overviewRow } from '../../views/overview.ts';
import { releaseView, serviceView } from '../../views/service-view.ts';
import type { Signals } from '../../views/signals.ts';
import type { Topic } from './topic.ts';

/** Services that somebody may see, by name; null: all of them. */
export type Seen = ReadonlySet<string> | null;

/** How a topic is now, as JSON without its moment: the same text is no news. null: there is nothing to tell. */
export type Levels = (topic: Topic, seen: Seen, language: Language, nowMs: number) => string | null;

/** Rows of the overview grow old too: a release that was taken back is a reason to look for some minutes only. */
const rowMaxAgeMs = 5_000;

type KnownRow = { readonly of: unknown; readonly signals: Signals | null; readonly atMs: number; readonly row: OverviewRow };

/** Makes levels, and rows of the overview only for the services that have changed: a second reader costs nothing. */
export function levels(
  controller: Controller,
  signalsOf: (service: string) => Signals | null,
  gaugesOf: (service: string) => readonly Gauge[],
): Levels {
  const rows = new Map<Language, Map<string, KnownRow>>();
  const texts = new WeakMap<OverviewRow, string>();

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
    }
  };
}

function inside(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}
