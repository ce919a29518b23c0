import type { Objective } from '../../api/schema.ts';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** What each version has spent of the budget: to the event. */
export function ByVersion({ objective: { byVersion } }: { objective: Objective }) {
  const { t, f } = useText();
  if (byVersion.length === 0) return null;
  return (
    <section className="card" aria-labelledby="by-version">
      <h2 id="by-version">{t('versions.title')}</h2>
      <Scroll label={t('by-version.table')}>
        <table className="cards">
          <TableHead
            columns={[
              t('column.version'),
              ...[t('budget.bad'), t('form.total'), t('by-version.share'), t('by-version.budget')].map((number) => ({ number })),
            ]}
          />
          <tbody>
            {byVersion.map(({ version, bad, total, ofBudget }) => (
              <tr key={version}>
                <th scope="row" className="mono">
                  {version}
                </th>
                <td className="number" data-label={t('budget.bad')}>
                  {f.number(bad)}
                </td>
                <td className="number" data-label={t('form.total')}>
                  {f.number(total)}
                </td>
                <td className="number" data-label={t('by-version.share')}>
                  {total === 0 ? '–' : f.exactShare(bad / total)}
                </td>
                <td className="number" data-label={t('by-version.budget')}>
                  {f.fineShare(ofBudget)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
