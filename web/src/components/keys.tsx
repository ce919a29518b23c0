import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useText } from '../text.tsx';
import { Dialog } from './dialog.tsx';

/** A key of the page that is shown, or two one after the other (`g o`). */
export type Key = { readonly keys: string; readonly label: string; readonly run: () => void };

const registered = new Map<symbol, readonly Key[]>();
let listed: readonly Key[] = [];
const listeners = new Set<() => void>();
/** The second of two keys has to follow within this time. */
const pairMs = 1_200;

function changed(): void {
  listed = [...registered.values()].flat();
  for (const listener of listeners) listener();
}

/** Makes keys work while the component is there. */
export function useKeys(keys: readonly Key[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  const names = keys.map(({ keys: name, label }) => `${name}\t${label}`).join('\n');
  useEffect(() => {
    const key = Symbol('keys');
    const find = (name: string) => latest.current.find(({ keys: one }) => one === name);
    const listed = names === '' ? [] : names.split('\n').map((line) => line.split('\t'));
    registered.set(
      key,
      listed.map(([name = '', label = '']) => ({ keys: name, label, run: () => find(name)?.run() })),
    );
    changed();
    return () => {
      registered.delete(key);
      changed();
    };
  }, [names]);
}

/** Listens for the keys of the page, and lists them on `?`. */
export function Keys() {
  const { t } = useText();
  const [isShown, setShown] = useState(false);
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => listed,
  );
  useEffect(() => {
    let first = { key: '', atMs: 0 };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '?') {
        event.preventDefault();
        setShown(true);
        return;
      }
      const pair = performance.now() - first.atMs < pairMs ? `${first.key} ${event.key}` : '';
      const found = listed.find(({ keys }) => keys === pair) ?? listed.find(({ keys }) => keys === event.key);
      first = found ? { key: '', atMs: 0 } : { key: event.key, atMs: performance.now() };
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  if (!isShown) return null;
  return (
    <Dialog title={t('keys.title')} onClose={() => setShown(false)}>
      <table>
        <tbody>
          {[...all, { keys: '?', label: t('keys.list') }, { keys: 'Esc', label: t('keys.close') }].map(({ keys, label }) => (
            <tr key={`${keys} ${label}`}>
              <th scope="row" className="nowrap">
                {keys.split(' ').map((key) => (
                  <span key={key}>
                    <kbd>{key}</kbd>{' '}
                  </span>
                ))}
              </th>
              <td>{label}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
