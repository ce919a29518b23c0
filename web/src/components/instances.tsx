import type { Instance } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';

/** How the states of an instance look; one that is not among them is shown as it is called. */
const tones = { starting: 'warn', ready: 'ok', unready: 'warn', crashed: 'bad', stopping: 'warn' } as const;
const isKnown = (state: string): state is keyof typeof tones => Object.hasOwn(tones, state);

/** Running copies, each with its state and the way to its log. */
export function InstanceList({
  instances,
  candidate,
  onLog,
}: {
  instances: readonly Instance[];
  candidate: string | null;
  onLog: (instance: Instance) => void;
}) {
  const { t } = useText();
  return (
    <ul className="stack tight">
      {instances.map((instance) => {
        const { id, version, address, state, restarts, problem } = instance;
        const tone = problem !== null ? 'bad' : isKnown(state) ? tones[state] : 'warn';
        return (
          <li key={id} className="instance">
            <div>
              <p className="row">
                <span className={`swatch ${version === candidate ? 'candidate' : 'stable'}`} />
                <span className="mono strong">{version}</span>
                <span className={`row ink-${tone} small`}>
                  <Icon name={tone === 'ok' ? 'check' : tone === 'bad' ? 'stop' : 'clock'} />
                  {isKnown(state) ? t(`instance.${state}`) : state}
                </span>
              </p>
              <p className="small muted mono">{address}</p>
              {restarts > 0 ? <p className="small ink-warn">{t('instance.restarts', { n: restarts })}</p> : null}
              {problem === null ? null : <p className="small ink-bad">{problem}</p>}
            </div>
            <button
              type="button"
              className="button small"
              onClick={() => onLog(instance)}
              aria-label={t('instance.log.of', { instance: id })}
            >
              {t('instance.log')}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
