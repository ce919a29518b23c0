import type { ErrorBudget, Objective } from '../../api/schema.ts';
import { BudgetBar, useExhausted, useLeft, useLeftInEvents } from '../../components/objective-states.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { useText } from '../../text.tsx';

/** What is left, how fast it goes, and both ways to reckon it. */
export function Budget({ objective }: { objective: Objective }) {
  const { t, f } = useText();
  const left = useLeft();
  const inEvents = useLeftInEvents();
  const exhausted = useExhausted();
  const { budget, budgetWithoutCorrections, burn, exhaustedInMs, period } = objective;
  return (
    <section className="card" aria-labelledby="budget">
      <div className="card-head">
        <h2 id="budget">{t('budget.title')}</h2>
        <p className="muted small">{t('budget.period', { from: f.moment(period.fromMs), to: f.moment(period.toMs) })}</p>
      </div>
      <dl className="figures">
        <div>
          <dt>{t('objectives.budget')}</dt>
          <dd>{left(budget.leftOfAllowance)}</dd>
          <dd className="basis">
            <BudgetBar left={budget.leftOfAllowance} />
            {inEvents(budget)}
          </dd>
        </div>
        <div>
          <dt>{t('budget.bad')}</dt>
          <dd>{f.number(budget.badEvents)}</dd>
          <dd className="basis">{t('budget.bad.of', { allowed: f.number(budget.allowedEvents) })}</dd>
        </div>
        <div>
          <dt>{t('objectives.burn')}</dt>
          <dd>{f.times(burn)}</dd>
          <dd className="basis">{t('budget.burn.more')}</dd>
        </div>
        <div>
          <dt>{t('objectives.exhausted')}</dt>
          <dd>{exhausted(exhaustedInMs)}</dd>
          <dd className="basis">
            {exhaustedInMs === null
              ? t('budget.exhausted.never')
              : exhaustedInMs <= 0
                ? t('burn-down.none-left')
                : t('budget.exhausted.more')}
          </dd>
        </div>
      </dl>
      <Forms budget={budget} all={budgetWithoutCorrections} />
    </section>
  );
}

/** A number that tools show differently is shown both ways, each with what it means. */
function Forms({ budget, all }: { budget: ErrorBudget; all: ErrorBudget | null }) {
  const { t, f } = useText();
  const left = useLeft();
  const rows: readonly { readonly name: string; readonly more?: string; readonly of: (one: ErrorBudget) => string }[] = [
    { name: t('form.allowance'), more: t('form.allowance.more'), of: ({ leftOfAllowance }) => left(leftOfAllowance) },
    {
      name: t('form.observed'),
      more: t('form.observed.more'),
      of: ({ leftOfObserved }) => (leftOfObserved === null ? t('objective.no-events') : left(leftOfObserved)),
    },
    { name: t('form.allowed'), of: ({ allowedEvents }) => f.number(allowedEvents) },
    { name: t('budget.bad'), of: ({ badEvents }) => f.number(badEvents) },
    { name: t('form.total'), of: ({ totalEvents }) => f.number(totalEvents) },
  ];
  const now = t(all === null ? 'form.now' : 'form.corrected');
  return (
    <Scroll label={t('form.table')}>
      <table className="forms cards">
        <thead>
          <tr>
            <th scope="col">{t('form.how')}</th>
            <th scope="col" className="number">
              {now}
            </th>
            {all === null ? null : (
              <th scope="col" className="number">
                {t('form.uncorrected')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, more, of }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {more === undefined ? null : <p className="muted small form-more">{more}</p>}
              </th>
              <td className="number" data-label={now}>
                {of(budget)}
              </td>
              {all === null ? null : (
                <td className="number" data-label={t('form.uncorrected')}>
                  {of(all)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
