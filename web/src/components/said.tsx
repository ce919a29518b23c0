import { type ReactNode, useSyncExternalStore } from 'react';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';
import { Note } from './problem.tsx';

type Said = { readonly id: number; readonly text: string; readonly good: boolean };

const shownMs = 8_000;
let all: readonly Said[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Tells the outcome of something that a person did, for some seconds, in sight and to screen readers. */
export function say(text: string, good = true): void {
  const id = ++last;
  set([...all.slice(-2), { id, text, good }]);
  setTimeout(() => set(all.filter((one) => one.id !== id)), shownMs);
}

function set(next: readonly Said[]): void {
  all = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Outcomes(): ReactNode {
  const { t } = useText();
  const shown = useSyncExternalStore(subscribe, () => all);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, text, good }) => (
        <div key={id}>
          <Note tone={good ? 'ok' : 'warn'} icon={good ? 'check' : 'warn'}>
            <div className="toast">
              <p>{text}</p>
              <button
                type="button"
                className="button plain small"
                aria-label={t('close')}
                onClick={() => set(all.filter((one) => one.id !== id))}
              >
                <Icon name="cross" />
              </button>
            </div>
          </Note>
        </div>
      ))}
    </div>
  );
}
