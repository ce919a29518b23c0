import type { Alert, ErrorBudget, Objective, ObjectiveSpec } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { firingTier } from './first-to-look-at.ts';
import type { IconName } from './icon.tsx';
import './objective-states.css';
import { Chip, type Tone } from './states.tsx';

const sloLooks: Readonly<Record<Objective['state'], readonly [Tone, IconName]>> = {
  ok: ['ok', 'check'],
  breaching: ['bad', 'stop'],
  'no-traffic': ['quiet', 'ring'],
  'no-data': ['warn', 'blind'],
};

export function SloChip({ state }: { state: Objective['state'] }) {
  const { t } = useText();
  const [tone, icon] = sloLooks[state];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`slo.${state}`)}
    </Chip>
  );
}

/** How an objective is, and that it fires. */
export function ObjectiveChips({ objective }: { objective: Objective }) {
  const { t } = useText();
  const tier = firingTier(objective);
  return (
    <>
      <SloChip state={objective.state} />
      {tier === null ? null : (
        <Chip tone={tier.tells === 'page' ? 'bad' : 'warn'} icon="bell">
          {t('objectives.fires', { name: tier.name })}
        </Chip>
      )}
    </>
  );
}

const alertLooks: Readonly<Record<Alert['state'], readonly [Tone, IconName]>> = {
  pending: ['info', 'clock'],
  firing: ['bad', 'bell'],
  recovering: ['warn', 'back'],
  resolved: ['quiet', 'check'],
};

/** The state of an alert. What another one speaks for is not shouted. */
export function AlertChip({ state, isSilenced = false }: { state: Alert['state']; isSilenced?: boolean }) {
  const { t } = useText();
  const [tone, icon] = alertLooks[state];
  return (
    <Chip tone={isSilenced && state === 'firing' ? 'quiet' : tone} icon={icon}>
      {t(`alert.${state}`)}
    </Chip>
  );
}

/** What is left of a budget as a bar; whoever uses it writes the number beside it. */
export function BudgetBar({ left }: { left: number | null }) {
  const shown = Math.min(Math.max(left ?? 0, 0), 1);
  const tone = left === null || left >= 0.25 ? '' : left > 0 ? ' is-low' : ' is-gone';
  return (
    <div className={`budget-bar${tone}`} aria-hidden="true">
      <div style={{ inlineSize: `${shown * 100}%` }} />
    </div>
  );
}

/** What is left of the allowance, in one word and a number: overspent is not a negative rest. */
export function useLeft(): (left: number | null) => string {
  const { t, f } = useText();
  return (left) => {
    if (left === null) return t('budget.nothing-expected');
    return left >= 0 ? t('budget.left', { share: f.share(left) }) : t('budget.over', { share: f.share(-left) });
  };
}

/** The same as events and as minutes of a full outage. */
export function useLeftInEvents(): (budget: Pick<ErrorBudget, 'leftEvents' | 'leftMinutes'>) => string {
  const { t, f } = useText();
  return ({ leftEvents, leftMinutes }) =>
    [
      leftEvents === null
        ? ''
        : leftEvents >= 0
          ? t('budget.events', { n: Math.floor(leftEvents) })
          : t('budget.events.over', { n: Math.ceil(-leftEvents) }),
      // Minutes that are overspent say nothing that the events do not.
      leftMinutes === null || leftMinutes < 0 ? '' : t('budget.minutes', { time: f.duration(leftMinutes * 60_000) }),
    ]
      .filter((text) => text !== '')
      .join(' · ');
}

/** When a budget is gone at the burn of now; a dash: never. */
export function useExhausted(): (inMs: number | null) => string {
  const { t, f } = useText();
  return (inMs) => {
    if (inMs === null) return '–';
    return inMs <= 0 ? t('objectives.exhausted.gone') : t('objectives.exhausted.in', { time: f.duration(inMs) });
  };
}

/** What an objective promises: `99.9% over 30d`. */
export function Target({
  of: { targetPpm, windowMs, calendar },
}: {
  of: Pick<ObjectiveSpec, 'targetPpm' | 'windowMs' | 'calendar'>;
}) {
  const { t, f } = useText();
  const share = f.exactShare(targetPpm / 1_000_000);
  return (
    <>
      {calendar
        ? t(`target.${calendar.unit}`, { share, zone: calendar.zone })
        : t('target.rolling', { share, time: f.duration(windowMs) })}
    </>
  );
}
