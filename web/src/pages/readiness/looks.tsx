import type { ReadinessItem, ReadinessReport } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { type Text, useText } from '../../text.tsx';

export type Status = ReadinessItem['status'];
type Verdict = ReadinessReport['verdict'];

/** What is not as it should be comes first. */
export const statuses = ['fail', 'unproven', 'warn', 'exempt', 'pass', 'skipped'] as const satisfies readonly Status[];

const statusLooks: Readonly<Record<Status, readonly [Tone, IconName]>> = {
  pass: ['ok', 'check'],
  warn: ['warn', 'warn'],
  fail: ['bad', 'cross'],
  unproven: ['info', 'question'],
  skipped: ['quiet', 'ring'],
  exempt: ['warn', 'eye'],
};

export function StatusChip({ status, n }: { status: Status; n?: number }) {
  const { t } = useText();
  const [tone, icon] = statusLooks[status];
  return (
    <Chip tone={tone} icon={icon}>
      {n === undefined ? t(`readiness.status.${status}`) : t(`readiness.count.${status}`, { n })}
    </Chip>
  );
}

const verdictLooks: Readonly<Record<Verdict, readonly [Tone, IconName]>> = {
  ready: ['ok', 'check'],
  'ready-with-risks': ['warn', 'warn'],
  'not-ready': ['bad', 'stop'],
};

export function VerdictChip({ verdict }: { verdict: Verdict }) {
  const { t } = useText();
  const [tone, icon] = verdictLooks[verdict];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`readiness.verdict.${verdict}`)}
    </Chip>
  );
}

/** How many items have each status; those that none has are left out. */
export function Counts({ items }: { items: readonly ReadinessItem[] }) {
  const { t } = useText();
  const counted = statuses.map((status) => [status, items.filter((item) => item.status === status).length] as const);
  return (
    <ul className="row readiness-counts" aria-label={t('readiness.counts')}>
      {counted.map(([status, n]) =>
        n === 0 ? null : (
          <li key={status}>
            <StatusChip status={status} n={n} />
          </li>
        ),
      )}
    </ul>
  );
}

/** A blocker that is not there: what stops a release. */
export function stops({ severity, status }: ReadinessItem): boolean {
  return severity === 'blocker' && (status === 'fail' || status === 'unproven');
}

/** A score out of 10. */
export function scoreText(score: number | null, { f }: Pick<Text, 'f'>): string {
  return f.number(score);
}
