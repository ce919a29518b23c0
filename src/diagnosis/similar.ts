import { momentUtc, said } from '../analysis/figures.ts';
import type { Text } from '../spec/text.ts';
import type { Cause, DiagnosisInput, KnownIncident } from './types.ts';

/** How alike two incidents are (0–1), and in what: every part of the number is said. */
export type Similarity = { readonly incident: KnownIncident; readonly score: number; readonly why: readonly Text[] };

/** Shown at most, and how alike they have to be. */
const shownMax = 3;
const scoreMin = 0.4;
/** Parts of the number. They sum up to 1. */
const weights = { key: 0.35, service: 0.15, alerts: 0.35, attribution: 0.15 } as const;

/** Past incidents that are like this one, the most similar first; of the same similarity the newest. Pure. */
export function similarTo(incident: KnownIncident, past: readonly KnownIncident[]): readonly Similarity[] {
  return past
    .filter(({ id, startedAtMs }) => id !== incident.id && startedAtMs <= incident.startedAtMs)
    .map((one) => compared(incident, one))
    .filter(({ score }) => score >= scoreMin)
    .toSorted(
      (a, b) => b.score - a.score || b.incident.startedAtMs - a.incident.startedAtMs || (a.incident.id < b.incident.id ? -1 : 1),
    )
    .slice(0, shownMax);
}

function compared(incident: KnownIncident, other: KnownIncident): Similarity {
  const why: Text[] = [];
  let score = 0;
  if (incident.key === other.key) {
    score += weights.key;
    why.push({ en: `the same group of alerts (${incident.key})`, ru: `та же группа оповещений (${incident.key})` });
  }
  if (incident.service !== null && incident.service === other.service) {
    score += weights.service;
    why.push({ en: `the same service (${incident.service})`, ru: `тот же сервис (${incident.service})` });
  }
  const [ours, theirs] = [namesOf(incident), namesOf(other)];
  const both = [...ours].filter((name) => theirs.has(name)).toSorted();
  const all = new Set([...ours, ...theirs]).size;
  if (both.length > 0) {
    score += (weights.alerts * both.length) / all;
    why.push({
      en: `${both.length} of ${all} alerts are the same: ${both.slice(0, 5).join(', ')}`,
      ru: `совпадают оповещения (${both.length} из ${all}): ${both.slice(0, 5).join(', ')}`,
    });
  }
  const [mine, its] = [incident.attribution?.release != null, other.attribution?.release != null];
  if (incident.attribution !== null && other.attribution !== null && mine === its) {
    score += weights.attribution;
    why.push(
      mine
        ? { en: 'a release was in reach both times', ru: 'оба раза рядом был релиз' }
        : { en: 'no release was in reach either time', ru: 'оба раза релиза рядом не было' },
    );
  }
  return { incident: other, score: Number(score.toFixed(3)), why };
}

/** Alerts by what they are, not by when they were. */
function namesOf({ alerts }: KnownIncident): ReadonlySet<string> {
  return new Set(alerts.map(({ name }) => name));
}

/** What was so before, and what helped then. */
export function similarCauses({ incident, past, pastCauses }: DiagnosisInput): readonly Cause[] {
  return similarTo(incident, past).map(({ incident: other, score, why }): Cause => {
    const helped = other.actions.filter(({ outcome }) => outcome === 'helped').map(({ kind }) => kind);
    const written = pastCauses.get(other.id) ?? '';
    return {
      id: `similar/${other.id}`,
      kind: 'similar',
      strength: 'weak',
      said: said(
        ({ share }) => `${other.id} of ${momentUtc(other.startedAtMs).slice(0, 10)} is like it (${share(score)}): ${other.title}`,
        ({ share }) => `похож на ${other.id} от ${momentUtc(other.startedAtMs).slice(0, 10)} (${share(score)}): ${other.title}`,
      ),
      evidence: [
        ...why.map((text) => ({ text, seq: null })),
        ...(helped.length > 0
          ? [
              {
                text: {
                  en: `what helped then: ${[...new Set(helped)].join(', ')}`,
                  ru: `тогда помогло: ${[...new Set(helped)].join(', ')}`,
                },
                seq: null,
              },
            ]
          : []),
        ...(written === ''
          ? []
          : [{ text: { en: `people wrote of its cause: ${written}`, ru: `люди написали о причине: ${written}` }, seq: null }]),
      ],
      refutedBy: said(
        () => 'another cause found in this one: likeness of alerts is no likeness of causes',
        () => 'другая найденная причина: похожие оповещения не означают похожих причин',
      ),
    };
  });
}
