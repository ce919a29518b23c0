import { useSyncExternalStore } from 'react';
import { serverNow } from '../api/clock.ts';
import { useText } from '../text.tsx';

/** One clock for all that counts on the page, so that everything on it moves in the same second. */
const listeners = new Set<() => void>();
let told = 0;
const secondNow = (): number => Math.floor(serverNow() / 1_000);
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    const now = secondNow();
    if (now === told) return;
    told = now;
    for (const one of listeners) one();
  }, 250);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The server's time in unix milliseconds, to the second, always anew. */
export function useNow(): number {
  // Asked each time and not kept: what the server says of its clock may come between two ticks.
  return useSyncExternalStore(subscribe, secondNow) * 1_000;
}

/** How long ago something was; the moment itself is told on asking. */
export function Ago({ atMs }: { atMs: number }) {
  const { f } = useText();
  const now = useNow();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={f.moment(atMs)}>
      {f.ago(now - atMs)}
    </time>
  );
}

/** How long something has taken so far. */
export function Since({ atMs }: { atMs: number }) {
  const { f } = useText();
  const now = useNow();
  return <>{f.duration(Math.max(0, now - atMs))}</>;
}
