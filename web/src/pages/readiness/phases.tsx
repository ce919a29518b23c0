import { Link } from '@tanstack/react-router';
import type { ReadinessItem } from '../../api/schema.ts';
import type { ReadinessPhase } from '../../api/types.ts';
import type { ReadinessSearch } from '../../router.tsx';
import { useText } from '../../text.tsx';
import { lookedAt } from './looked-at.ts';
import { Counts, StatusChip, scoreText, statuses, stops, VerdictChip } from './looks.tsx';

/** All phases, each in a card that leads into it. */
export function PhaseList({ phases, search }: { phases: readonly ReadinessPhase[]; search: ReadinessSearch }) {
  const text = useText();
  const { t } = text;
  const chosen = search.phase;
  return (
    <section className="stack tight" aria-labelledby="phases">
      <h2 id="phases">{t('readiness.phases')}</h2>
      <ol className="readiness-phases">
        {phases.map(({ id, title, verdict, score, items }) => (
          <li key={id} className={`card stack tight readiness-phase${id === chosen ? ' chosen' : ''}`}>
            <h3>
              <Link
                to="."
                search={lookedAt(search, { phase: id === chosen ? null : id, item: null })}
                resetScroll={false}
                aria-expanded={id === chosen}
              >
                {title}
              </Link>
            </h3>
            <p className="row">
              <VerdictChip verdict={verdict} />
              <span className="strong">{t('readiness.score.of', { score: scoreText(score, text) })}</span>
            </p>
            <Counts items={items} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Blockers that are listed at once: a checklist that was never run has dozens. */
const blockersShown = 5;

/** What stops a release, before anything else: what failed, then what nothing proves. */
export function Blockers({ phases, search }: { phases: readonly ReadinessPhase[]; search: ReadinessSearch }) {
  const { t } = useText();
  const open = phases
    .flatMap(({ id, items }) => items.filter(stops).map((item) => ({ phase: id, item })))
    .toSorted((a, b) => statuses.indexOf(a.item.status) - statuses.indexOf(b.item.status));
  const lines = open.map((one) => <Blocker key={one.item.id} {...one} search={search} />);
  return (
    <section className="card stack tight" aria-labelledby="blockers">
      <h2 id="blockers">{t('readiness.blockers')}</h2>
      {lines.length === 0 ? <p className="muted">{t('readiness.blockers.none')}</p> : null}
      <ul className="stack tight">{lines.slice(0, blockersShown)}</ul>
      {lines.length > blockersShown ? (
        <details className="fold">
          <summary>{t('readiness.blockers.more', { n: lines.length - blockersShown })}</summary>
          <ul className="stack tight">{lines.slice(blockersShown)}</ul>
        </details>
      ) : null}
    </section>
  );
}

function Blocker({
  phase,
  item: { id, title, status, why },
  search,
}: {
  phase: string;
  item: ReadinessItem;
  search: ReadinessSearch;
}) {
  return (
    <li className="readiness-line">
      <StatusChip status={status} />
      <div>
        <Link to="." search={lookedAt(search, { phase, item: id })} resetScroll={false}>
          {title}
        </Link>
        <p className="muted small">{why}</p>
      </div>
    </li>
  );
}
