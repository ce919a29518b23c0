import type { GoldenSignal } from '../../api/types.ts';
import type { IconName } from '../../components/icon.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

const looks: Readonly<Record<GoldenSignal['state'], readonly [Tone, IconName]>> = {
  ok: ['ok', 'check'],
  warning: ['warn', 'warn'],
  critical: ['bad', 'stop'],
  unknown: ['quiet', 'question'],
  'no-traffic': ['quiet', 'ring'],
  unjudged: ['quiet', 'eye'],
};

export function SignalChip({ state }: { state: GoldenSignal['state'] }) {
  const { t } = useText();
  const [tone, icon] = looks[state];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`signal.state.${state}`)}
    </Chip>
  );
}
