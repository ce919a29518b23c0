import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ReadinessItem } from '../../api/schema.ts';
import type { ReadinessPhase } from '../../api/types.ts';
import type { ReadinessSearch } from '../../router.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { ItemDetails, type ItemOf } from './item.tsx';
import { lookedAt } from './looked-at.ts';
import { StatusChip, statuses, stops } from './looks.tsx';
import { RunButton } from './run-button.tsx';

/** One phase: what stops a release first, then what is not as it should be. */
export function Phase({
  service,
  phase: { id, title, items },
  search,
  isBusy,
}: {
  service: string;
  phase: ReadinessPhase;
  search: ReadinessSearch;
  isBusy: boolean;
}) {
  const { t } = useText();
  const maySteer = useMay('steer', service);
  const isNow = search.run === undefined;
  return (
    <section className="card stack tight" aria-labelledby="phase">
      <div className="card-head">
        <h2 id="phase">{title}</h2>
        {maySteer && isNow ? (
          <RunButton
            service={service}
            of={search}
            what={{ phases: [id], again: true }}
            label={t('readiness.run.phase.short')}
            name={t('readiness.run.phase', { phase: title })}
            look="small"
            isBusy={isBusy}
          />
        ) : null}
      </div>
      <ul>
        {items.toSorted(byUrgency).map((item) => (
          <Item key={item.id} service={service} item={item} search={search} isBusy={isBusy} />
        ))}
      </ul>
    </section>
  );
}

function byUrgency(a: ReadinessItem, b: ReadinessItem): number {
  return Number(stops(b)) - Number(stops(a)) || statuses.indexOf(a.status) - statuses.indexOf(b.status);
}

function Item({ service, item, search, isBusy }: ItemOf) {
  const { t } = useText();
  const navigate = useNavigate();
  const ref = useRef<HTMLDetailsElement>(null);
  const isMeant = search.item === item.id;
  useEffect(() => {
    if (!isMeant || !ref.current) return;
    ref.current.open = true;
    ref.current.scrollIntoView({ block: 'nearest' });
    ref.current.querySelector('summary')?.focus();
  }, [isMeant]);
  return (
    <li>
      <details
        ref={ref}
        className="readiness-item"
        onToggle={({ currentTarget: { open } }) => {
          // The address names what was opened last, so that it can be sent, and so that a link to it opens it again.
          if (open !== isMeant)
            void navigate({
              to: '.',
              search: lookedAt(search, { item: open ? item.id : null }),
              replace: true,
              resetScroll: false,
            });
        }}
      >
        <summary>
          <StatusChip status={item.status} /> <span className="strong">{item.title}</span>{' '}
          <span className="muted small">
            <span className="mono">{item.id}</span> · {t(`readiness.severity.${item.severity}`)}
          </span>
        </summary>
        <ItemDetails service={service} item={item} search={search} isBusy={isBusy} />
      </details>
    </li>
  );
}
