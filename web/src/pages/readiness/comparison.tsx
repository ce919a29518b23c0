import type { ReadinessReport } from '../../api/schema.ts';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';
import { type Status, StatusChip, scoreText, VerdictChip } from './looks.tsx';

/** What has become of the items between two reports. */
export function Comparison({
  comparison: { before, after, changes, figures },
}: {
  comparison: NonNullable<ReadinessReport['comparison']>;
}) {
  const text = useText();
  const { t, f } = text;
  const count = (kind: string): number => changes.filter((change) => change.kind === kind).length;
  return (
    <section className="card stack tight" aria-labelledby="comparison">
      <h2 id="comparison">{t('readiness.compare.title')}</h2>
      <p className="row">
        <VerdictChip verdict={before.verdict} />
        <span aria-hidden="true">→</span>
        <VerdictChip verdict={after.verdict} />
        <span className="strong">
          {t('readiness.compare.score', { before: scoreText(before.score, text), after: scoreText(after.score, text) })}
        </span>
        <span>{t('readiness.compare.better', { n: count('better') })}</span>
        <span>{t('readiness.compare.worse', { n: count('worse') })}</span>
      </p>
      <p className="muted small">
        {f.moment(before.atMs)} → {f.moment(after.atMs)}
      </p>
      {changes.length === 0 ? <p>{t('readiness.compare.same')}</p> : null}
      {changes.length > 0 ? (
        <Scroll label={t('readiness.compare.change')}>
          <table className="cards">
            <TableHead
              columns={[
                t('readiness.compare.item'),
                t('readiness.compare.change'),
                t('readiness.compare.before'),
                t('readiness.compare.after'),
              ]}
            />
            <tbody>
              {changes.map(({ item, title, kind, before: was, after: is }) => (
                <tr key={item}>
                  <th scope="row">
                    {title} <span className="mono muted small">{item}</span>
                  </th>
                  <td>{t(`readiness.change.${kind}`)}</td>
                  <td data-label={t('readiness.compare.before')}>
                    <MaybeStatus status={was} />
                  </td>
                  <td data-label={t('readiness.compare.after')}>
                    <MaybeStatus status={is} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
      {figures.length > 0 ? (
        <Scroll label={t('readiness.item.figures')}>
          <table className="cards">
            <TableHead
              columns={[
                t('readiness.compare.item'),
                t('readiness.compare.figure'),
                { number: t('readiness.compare.before') },
                { number: t('readiness.compare.after') },
              ]}
            />
            <tbody>
              {figures.map(({ item, figure, before: was, after: is }) => (
                <tr key={`${item} ${figure}`}>
                  <th scope="row" className="mono">
                    {item}
                  </th>
                  <td className="mono">{figure}</td>
                  <td className="number" data-label={t('readiness.compare.before')}>
                    {f.fine(was)}
                  </td>
                  <td className="number" data-label={t('readiness.compare.after')}>
                    {f.fine(is)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
    </section>
  );
}

function MaybeStatus({ status }: { status: Status | null }) {
  return status === null ? <>–</> : <StatusChip status={status} />;
}
