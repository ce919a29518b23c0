import { useState } from 'react';
import { newKey, Problem } from './client.ts';

/**
 * The key of one intention of a person, for as long as its window is open, or until it is done (`renew`). An answer that was lost may stand for something that was
 * done, so the same key goes with the next try; what was refused was not done, and may be asked for again in other words.
 */
export function useIntent(): { readonly key: string; readonly failed: (error: Error) => void; readonly renew: () => void } {
  const [key, setKey] = useState(newKey);
  return {
    key,
    renew: () => setKey(newKey),
    failed: (error) => {
      if (error instanceof Problem && error.status > 0 && error.status < 500) setKey(newKey);
    },
  };
}
