import type { Plan } from '../../api/schema.ts';
import { Note } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** What a release would do, and what its guard would see. */
export function PlanShown({ plan }: { plan: Plan }) {
  const { t, f } = useText();
  return (
    <section className="card stack" aria-labelledby="plan">
      <h2 id="plan">{t('plan.title', { service: plan.service, version: plan.candidate })}</h2>
      <p className="muted">
        {plan.stable === null ? t('release.first') : t('release.over', { version: plan.stable })} ·{' '}
        {t('plan.shortest', { time: f.duration(plan.shortestMs) })}
        {plan.traffic === null ? null : <> · {t('plan.traffic', { number: f.fine(plan.traffic.requestsPerSecond) })}</>}
      </p>
      {plan.warnings.length > 0 ? (
        <Note tone="warn" icon="warn" title={t('plan.warnings')}>
          <ul className="stack tight">
            {plan.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Note>
      ) : null}
      <Scroll label={t('plan.steps')}>
        <table>
          <TableHead columns={[{ number: t('plan.weight') }, t('plan.step'), { number: t('plan.time') }, t('plan.sight')]} />
          <tbody>
            {plan.steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a plan is fixed, and its steps have no other name.
              <tr key={index}>
                <td className="number">{f.weight(step.weight)}</td>
                <th scope="row" className="plan-step">
                  {step.text}
                </th>
                <td className="number">
                  {step.minMs === 0 && !step.maxMs
                    ? '–'
                    : step.maxMs && step.maxMs !== step.minMs
                      ? t('step.between', { least: f.duration(step.minMs), most: f.duration(step.maxMs) })
                      : f.duration(step.minMs)}
                </td>
                <td className="small">{step.sight?.sentences.join('; ') ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Sentences title={t('plan.guard')} sentences={plan.guard} />
      <Sentences title={t('plan.deadlines')} sentences={plan.deadlines} />
      <Sentences title={t('plan.assumed')} sentences={plan.assumed} />
    </section>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <details className="fold small">
      <summary>{title}</summary>
      <ul className="stack tight">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
