import { useState } from 'react';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';

/** A line to take along: a command, a link, a secret. */
export function Copy({ text, label }: { text: string; label: string }) {
  const { t } = useText();
  const [said, setSaid] = useState<'copied' | 'copy.by-hand' | null>(null);
  const copy = (): void => {
    // Pages that did not come over https have no clipboard.
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => setSaid('copied'),
      () => setSaid('copy.by-hand'),
    );
  };
  return (
    <div className="copy">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard. */}
      <code tabIndex={0}>
        <span className="seen-by-readers">{label}: </span>
        {text}
      </code>
      <button type="button" className="button small" onClick={copy}>
        <Icon name="copy" />
        <span aria-live="polite">{said === null ? t('copy') : t(said)}</span>
      </button>
    </div>
  );
}
