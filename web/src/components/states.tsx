import type { Release, Verdict } from '../api/schema.ts';
import type { Health, Outcome } from '../api/types.ts';
import { useText } from '../text.tsx';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'quiet';

/** A state in a word, a shape and a colour. */
export function Chip({ tone, icon, children }: { tone: Tone; icon: IconName; children: React.ReactNode }) {
  return (
    <span className={`chip tone-${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  );
}

const releaseLooks: Readonly<Record<Release['state'], readonly [Tone, IconName]>> = {
  queued: ['quiet', 'clock'],
  validating: ['info', 'clock'],
  'awaiting-approval': ['warn', 'question'],
  preparing: ['info', 'clock'],
  progressing: ['info', 'play'],
  promoting: ['info', 'forward'],
  baking: ['info', 'eye'],
  retiring: ['info', 'clock'],
  held: ['warn', 'pause'],
  'rolling-back': ['bad', 'back'],
  'rollback-failed': ['bad', 'stop'],
  succeeded: ['ok', 'check'],
  'rolled-back': ['bad', 'back'],
  rejected: ['bad', 'cross'],
  cancelled: ['quiet', 'cross'],
  superseded: ['quiet', 'forward'],
};

export function ReleaseChip({ state }: { state: Release['state'] | Outcome }) {
  const { t } = useText();
  const [tone, icon] = releaseLooks[state] ?? ['quiet', 'dot'];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`state.${state}`)}
    </Chip>
  );
}

const healthLooks: Readonly<Record<Health['level'], readonly [Tone, IconName]>> = {
  healthy: ['ok', 'check'],
  degraded: ['warn', 'warn'],
  critical: ['bad', 'stop'],
  unknown: ['quiet', 'question'],
};

export function HealthChip({ health }: { health: Health }) {
  const { t } = useText();
  const [tone, icon] = healthLooks[health.level];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`health.${health.level}`)}
    </Chip>
  );
}

const verdictLooks: Readonly<Record<Verdict['kind'], readonly [Tone, IconName]>> = {
  pass: ['ok', 'check'],
  fail: ['bad', 'stop'],
  undecided: ['quiet', 'eye'],
  blind: ['warn', 'blind'],
};

export function VerdictChip({ kind }: { kind: Verdict['kind'] }) {
  const { t } = useText();
  const [tone, icon] = verdictLooks[kind];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`verdict.${kind}`)}
    </Chip>
  );
}
