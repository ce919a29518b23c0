import type { AskedFor } from '../../api/types.ts';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** What users ask for, endpoint by endpoint, and what is not told one by one. */
export function Endpoints({ traffic }: { traffic: AskedFor | null }) {
  const { t, f } = useText();
  const endpoints = traffic?.endpoints ?? null;
  return (
    <section className="card stack tight" aria-labelledby="endpoints">
      <h2 id="endpoints">{t('signals.endpoints')}</h2>
      {traffic === null || endpoints === null ? <p className="muted">{t('signals.endpoints.unknown')}</p> : null}
      {endpoints?.length === 0 ? <p className="muted">{t('signals.endpoints.none', { n: traffic?.seconds ?? 0 })}</p> : null}
      {traffic && endpoints && endpoints.length > 0 ? (
        <>
          <p className="muted small">{t('signals.endpoints.span', { n: traffic.seconds })}</p>
          <Scroll label={t('signals.endpoints')}>
            <table>
              <TableHead
                columns={[
                  t('signals.endpoint'),
                  ...[t('signal.rps'), t('signal.errors'), 'p50', 'p95', 'p99'].map((number) => ({ number })),
                ]}
              />
              <tbody>
                {endpoints.map(({ method, endpoint, requestsPerSecond, errorShare, p50, p95, p99 }) => (
                  <tr key={`${method} ${endpoint}`}>
                    <th scope="row" className="mono endpoint">
                      {[method, endpoint].filter((part) => part !== null).join(' ')}
                    </th>
                    <td className="number">{f.fine(requestsPerSecond)}</td>
                    <td className="number">{f.share(errorShare)}</td>
                    <td className="number">{f.ms(p50)}</td>
                    <td className="number">{f.ms(p95)}</td>
                    <td className="number">{f.ms(p99)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      ) : null}
      {traffic && traffic.folded.requestsPerSecond > 0 ? (
        <p className="muted small">
          {t('signals.endpoints.folded', { rate: f.fine(traffic.folded.requestsPerSecond), n: traffic.folded.endpoints })}
        </p>
      ) : null}
    </section>
  );
}
