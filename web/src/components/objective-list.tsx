import { Link } from '@tanstack/react-router';
import type { Alert, Objective } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { alertsInOrder, objectivePath, objectivesInOrder } from './first-to-look-at.ts';
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
              {objective.objective.name}
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

/** Open alerts in a line each. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  return (
    <ul className="stack tight">
      {alertsInOrder(alerts).map(({ id, name, state, said, silencedBy, firedAtMs, pendingAtMs, service }) => (
        <li key={id} className="row">
          <AlertChip state={state} isSilenced={silencedBy !== null} />
          <Link to="/alerts" search={service === null ? {} : { service }} className="strong">
            {name}
          </Link>
          <span>{said}</span>
          <span className="muted small">
            <Ago atMs={firedAtMs ?? pendingAtMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}
