import type { Incident, IncidentRow } from '../api/schema.ts';
import { useText } from '../text.tsx';
import type { IconName } from './icon.tsx';
import { Chip, type Tone } from './states.tsx';

export type IncidentState = Incident['state'];
export type Severity = Incident['severity'];

export const severities: readonly Severity[] = ['P0', 'P1', 'P2'];
export const incidentStates: readonly IncidentState[] = ['open', 'acknowledged', 'mitigated', 'resolved', 'reviewed'];

/** Whether nothing is left to be done but to learn from it. Pure. */
export function isOver(state: IncidentState): boolean {
  return state === 'resolved' || state === 'reviewed';
}

/** First what nobody has taken, the worst before the others, then the newest. Pure. */
export function incidentsInOrder(rows: readonly IncidentRow[]): readonly IncidentRow[] {
  const rank = ({ state, severity }: IncidentRow): number => incidentStates.indexOf(state) * 10 + severities.indexOf(severity);
  return rows.toSorted((a, b) => rank(a) - rank(b) || b.openedAtMs - a.openedAtMs);
}

const looks: Readonly<Record<IncidentState, readonly [Tone, IconName]>> = {
  open: ['bad', 'bell'],
  acknowledged: ['warn', 'user'],
  mitigated: ['info', 'eye'],
  resolved: ['ok', 'check'],
  reviewed: ['quiet', 'check'],
};

export function IncidentChip({ state }: { state: IncidentState }) {
  const { t } = useText();
  const [tone, icon] = looks[state];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`incident.state.${state}`)}
    </Chip>
  );
}

const severityLooks: Readonly<Record<Severity, readonly [Tone, IconName]>> = {
  P0: ['bad', 'stop'],
  P1: ['warn', 'warn'],
  P2: ['quiet', 'dot'],
};

/** How bad it is; what was so is not shouted. */
export function SeverityChip({ severity, isPast = false }: { severity: Severity; isPast?: boolean }) {
  const [tone, icon] = severityLooks[severity];
  return (
    <Chip tone={isPast ? 'quiet' : tone} icon={icon}>
      {severity}
    </Chip>
  );
}
