import type { ImpactLine } from '../../api/schema.ts';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** What users have suffered, in exact counts, by objective and version. */
export function Impact({ lines }: { lines: readonly ImpactLine[] }) {
  const { t, f } = useText();
  const columns = [t('impact.bad'), t('impact.usual'), t('impact.excess'), t('impact.budget'), t('impact.missed')];
  return (
    <section className="card stack" aria-labelledby="impact">
      <h2 id="impact">{t('impact.title')}</h2>
      {lines.length === 0 ? (
        <p className="muted">{t('impact.none')}</p>
      ) : (
        <Scroll label={t('impact.table')}>
          <table className="cards">
            <TableHead columns={[t('impact.objective'), ...columns]} />
            <tbody>
              {lines.map(({ counts: { id, name, during, missedMs }, expectedBad, excessBad, ofBudget, byVersion }) => (
                <tr key={id}>
                  <th scope="row">
                    {name}
                    {byVersion.map(({ version, bad, total }) => (
                      <p key={version} className="muted small">
                        {t('impact.version', { version, bad: f.number(bad), total: f.number(total) })}
                      </p>
                    ))}
                  </th>
                  <td data-label={columns[0]}>
                    {t('impact.bad.of', { bad: f.number(during.bad), total: f.number(during.total) })}
                  </td>
                  <td data-label={columns[1]}>{f.number(expectedBad)}</td>
                  <td data-label={columns[2]}>{f.number(excessBad)}</td>
                  <td data-label={columns[3]}>{f.fineShare(ofBudget)}</td>
                  <td data-label={columns[4]}>{f.duration(missedMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
