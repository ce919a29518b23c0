import { Link } from '@tanstack/react-router';
import type { Alert, Objective } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { alertsInOrder, objectivePath, objectivesInOrder, withSilenced } from './first-to-look-at.ts';
import { Ago } from './moment.tsx';
import { AlertChip, BudgetBar, ObjectiveChips, useLeft } from './objective-states.tsx';

/** Objectives of a service in a line each: state, and what is left. */
export function ObjectiveList({ objectives }: { objectives: readonly Objective[] }) {
  const { f } = useText();
  const left = useLeft();
  return (
    <ul className="objective-list">
      {objectivesInOrder(objectives).map((objective) => (
        <li key={objective.id}>
          <p className="row">
            <Link to="/objectives/$owner/$name" params={objectivePath(objective.id)}>
              {objectivePath(objective.id).name}
            </Link>
            <ObjectiveChips objective={objective} />
          </p>
          <BudgetBar left={objective.budget.leftOfAllowance} />
          <p className="small muted">
            {left(objective.budget.leftOfAllowance)}
            {objective.burn === null ? null : <> · {f.times(objective.burn)}</>}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Open alerts in a line each; those that another one speaks for are only counted. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  const { t } = useText();
  return (
    <ul className="stack tight">
      {withSilenced(alertsInOrder(alerts)).map(({ alert, silenced }) => (
        <li key={alert.id} className="row">
          <AlertChip state={alert.state} isSilenced={alert.silencedBy !== null} />
          <Link to="/alerts" search={alert.service === null ? {} : { service: alert.service }} className="strong">
            {alert.name}
          </Link>
          <span>{alert.said}</span>
          <span className="muted small">
            <Ago atMs={alert.firedAtMs ?? alert.pendingAtMs} />
            {silenced.length === 0 ? null : <> · {t('alert.speaks-for', { n: silenced.length })}</>}
          </span>
        </li>
      ))}
    </ul>
  );
}
