import type { BurnWindow, Objective, ObjectiveTier } from '../../api/schema.ts';
import { AlertChip, SloChip } from '../../components/objective-states.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** The burn-rate alerts of an objective as they are now. */
export function Tiers({ objective: { tiers } }: { objective: Objective }) {
  const { t } = useText();
  return (
    <section className="card stack tight" aria-labelledby="tiers">
      <h2 id="tiers">{t('tiers.title')}</h2>
      <p className="muted small">{t(tiers.length === 0 ? 'tiers.none' : 'tiers.more')}</p>
      {tiers.length > 0 ? (
        <Scroll label={t('tiers.title')}>
          <table className="cards">
            <TableHead
              columns={[
                t('tiers.alert'),
                t('settings.state'),
                { number: t('tiers.factor') },
                { number: t('tiers.long') },
                { number: t('tiers.short') },
                { number: t('tiers.min-bad') },
              ]}
            />
            <tbody>
              {tiers.map((tier) => (
                <Row key={tier.name} tier={tier} />
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
    </section>
  );
}

function Row({ tier }: { tier: ObjectiveTier }) {
  const { t, f } = useText();
  const { name, tells, state, alert, silencedBy, factor, minBad, long, short } = tier;
  return (
    <tr>
      <th scope="row">
        {name} <p className="muted small">{t(`urgency.${tells}`)}</p>
      </th>
      <td>
        <div className="row">
          <SloChip state={state} />
          {alert === 'quiet' ? (
            <Chip tone="quiet" icon="ring">
              {t('alert.quiet')}
            </Chip>
          ) : (
            <AlertChip state={alert} isSilenced={silencedBy !== null} />
          )}
        </div>
        {silencedBy === null ? null : <p className="muted small">{t('alert.silenced', { key: silencedBy })}</p>}
      </td>
      <td className="number" data-label={t('tiers.factor')}>
        {f.times(factor)}
      </td>
      <td className="number" data-label={t('tiers.long')}>
        <Window of={long} factor={factor} />
      </td>
      <td className="number" data-label={t('tiers.short')}>
        <Window of={short} factor={factor} />
      </td>
      <td className="number" data-label={t('tiers.min-bad')}>
        {f.number(minBad)}
      </td>
    </tr>
  );
}

function Window({ of: { ms, bad, total, burn }, factor }: { of: BurnWindow; factor: number }) {
  const { t, f } = useText();
  return (
    <>
      <span className={burn !== null && burn > factor ? 'strong ink-bad' : ''}>{f.times(burn)}</span>
      <p className="muted small">{t('tiers.window', { bad: f.number(bad), total: f.number(total), time: f.duration(ms) })}</p>
    </>
  );
}
