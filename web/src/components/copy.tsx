import { useState } from 'react';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';

/** A line to take along: a command, a link, a secret. */
export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <div className="copy">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by the keyboard. */}
      <code tabIndex={0}>
        <span className="seen-by-readers">{label}: </span>
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}

/** The same of several lines: a file, a change of one. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="copy-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <pre tabIndex={0}>
        <span className="seen-by-readers">{label}: </span>
        {text}
      </pre>
      <CopyButton text={text} of={label} />
    </div>
  );
}

/** @param of - What it copies, where nothing beside it says so. */
function CopyButton({ text, of }: { text: string; of?: string }) {
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
    <button type="button" className="button small" onClick={copy}>
      <Icon name="copy" />
      <span aria-live="polite">{said === null ? t('copy') : t(said)}</span>
      {of === undefined ? null : <span className="seen-by-readers">: {of}</span>}
    </button>
  );
}
