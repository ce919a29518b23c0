import type { ResponderAction } from '../api/schema.ts';
import { useText } from '../text.tsx';
import type { IconName } from './icon.tsx';
import { Chip, type Tone } from './states.tsx';

const looks: Readonly<Record<NonNullable<ResponderAction['outcome']>, readonly [Tone, IconName]>> = {
  helped: ['ok', 'check'],
  'no-help': ['warn', 'warn'],
  failed: ['bad', 'cross'],
  skipped: ['quiet', 'forward'],
};

/** Whether what the machine has tried has helped. */
export function ActionChip({ action: { outcome, endedAtMs } }: { action: ResponderAction }) {
  const { t } = useText();
  if (outcome !== null)
    return (
      <Chip tone={looks[outcome][0]} icon={looks[outcome][1]}>
        {t(`outcome.${outcome}`)}
      </Chip>
    );
  return (
    <Chip tone="info" icon="play">
      {endedAtMs === null ? t('outcome.under-way') : t('outcome.unknown')}
    </Chip>
  );
}
