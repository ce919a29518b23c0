import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { objectivesQuery } from '../../api/queries.ts';
import type { Objective } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { firingTier, objectivePath, objectivesInOrder } from '../../components/first-to-look-at.ts';
import { BudgetBar, ObjectiveChips, Target, useExhausted, useLeft, useLeftInEvents } from '../../components/objective-states.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { ServiceChoice } from '../../components/service-choice.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
import { TableHead } from '../../components/table-head.tsx';
import type { ObjectivesSearch } from '../../router.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';

/** Objectives that are shown at first, and how many more each time. */
const shownAtOnce = 200;

/** Every objective, first what somebody should look at: state, budget, and how fast it is spent. */
export function ObjectivesPage() {
  const { t } = useText();
  const search = useSearch({ from: '/inside/objectives' });
  const objectives = useQuery(objectivesQuery(null));
  const [limit, setLimit] = useState(shownAtOnce);
  const all = objectives.data?.objectives ?? [];
  const wanted = objectivesInOrder(all.filter((one) => isWanted(one, search)));
  return (
    <div className="page">
      <PageTitle of={t('objectives.title')} />
      <div className="page-head">
        <div>
          <h1>{t('objectives.title')}</h1>
          <p className="muted">{t('objectives.more')}</p>
        </div>
      </div>
      {objectives.error ? <ProblemNote error={objectives.error} /> : null}
      {objectives.isPending ? <Pending /> : null}
      {objectives.data && all.length === 0 ? <None /> : null}
      {all.length > 0 ? (
        <>
          <Filter objectives={all} />
          {wanted.length > 0 ? (
            <Table objectives={wanted.slice(0, limit)} />
          ) : (
            <p className="muted">{t('objectives.filter.none')}</p>
          )}
          {wanted.length > limit ? (
            <p>
              <button type="button" className="button" onClick={() => setLimit(limit + shownAtOnce)}>
                {t('more')}
              </button>
            </p>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

/** As the filter names what belongs to no service, which no service is called. */
const freeStanding = '-';

const states = ['firing', 'breaching', 'no-data', 'no-traffic', 'ok'] as const;

function isWanted(objective: Objective, { service, state }: ObjectivesSearch): boolean {
  if (service !== undefined && (objective.service ?? freeStanding) !== service) return false;
  if (state === 'firing') return firingTier(objective) !== null;
  return state === undefined || objective.state === state;
}

function Filter({ objectives }: { objectives: readonly Objective[] }) {
  const { t } = useText();
  const search = useSearch({ from: '/inside/objectives' });
  const navigate = useNavigate();
  const filter = (change: ObjectivesSearch): void => {
    const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== ''));
    void navigate({ to: '/objectives', search: next, replace: true });
  };
  const names = new Set(objectives.flatMap(({ service }) => service ?? []).sort());
  const hasFree = objectives.some(({ service }) => service === null);
  if (search.service !== undefined && search.service !== freeStanding) names.add(search.service);
  return (
    <form className="card form-line" aria-label={t('audit.filter')} onSubmit={(event) => event.preventDefault()}>
      <ServiceChoice service={search.service} names={names} onChoose={(service) => filter({ service })}>
        {hasFree || search.service === freeStanding ? <option value={freeStanding}>{t('objectives.free')}</option> : null}
      </ServiceChoice>
      <Field label={t('settings.state')}>
        {(ids) => (
          <select {...ids} value={search.state ?? ''} onChange={({ target }) => filter({ state: target.value })}>
            <option value="">{t('audit.kind.any')}</option>
            {states.map((state) => (
              <option key={state} value={state}>
                {state === 'firing' ? t('alert.firing') : t(`slo.${state}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </form>
  );
}

function Table({ objectives }: { objectives: readonly Objective[] }) {
  const { t } = useText();
  return (
    <section className="card" aria-label={t('objectives.table')}>
      <Scroll label={t('objectives.table')}>
        <table className="cards">
          <TableHead
            columns={[
              t('objectives.objective'),
              t('overview.column.service'),
              t('settings.state'),
              t('objectives.target'),
              t('objectives.budget'),
              { number: t('objectives.burn') },
              t('objectives.exhausted'),
            ]}
          />
          <tbody>
            {objectives.map((objective) => (
              <Row key={objective.id} objective={objective} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Row({ objective }: { objective: Objective }) {
  const { t, f } = useText();
  const left = useLeft();
  const inEvents = useLeftInEvents();
  const exhausted = useExhausted();
  const { id, service, budget, burn, exhaustedInMs } = objective;
  return (
    <tr>
      <th scope="row">
        <Link to="/objectives/$owner/$name" params={objectivePath(id)}>
          {objectivePath(id).name}
        </Link>
      </th>
      <td data-label={t('overview.column.service')}>
        {service === null ? <span className="muted">{t('objectives.free')}</span> : <ServiceLink name={service} />}
      </td>
      <td>
        <div className="row">
          <ObjectiveChips objective={objective} />
        </div>
      </td>
      <td data-label={t('objectives.target')}>
        <Target of={objective.objective} />
      </td>
      <td className="budget-cell" data-label={t('objectives.budget')}>
        {left(budget.leftOfAllowance)}
        <BudgetBar left={budget.leftOfAllowance} />
        <p className="muted small">{inEvents(budget)}</p>
      </td>
      <td className="number" data-label={t('objectives.burn')}>
        {f.times(burn)}
      </td>
      <td className="nowrap" data-label={t('objectives.exhausted')}>
        {exhausted(exhaustedInMs)}
      </td>
    </tr>
  );
}

const example = `spec:
  objectives:
    - { name: availability, target: 99.9%, window: 30d }
    - { name: latency, target: 99%, below: 500ms, window: 30d }`;

/** An empty start: what to write, and where. */
function None() {
  const { t } = useText();
  return (
    <section className="card stack">
      <h2>{t('objectives.none')}</h2>
      <p>{t('objectives.none.more')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <pre tabIndex={0}>{example}</pre>
      <p className="muted">{t('objectives.none.check')}</p>
      <p className="muted">{t('objectives.none.standalone')}</p>
    </section>
  );
}
