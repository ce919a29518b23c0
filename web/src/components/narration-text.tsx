import type { Narration } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { anchorOf } from './happenings.tsx';

/**
 * What a model has made of events: each sentence with the events that it cites, clearly apart from what is proven.
 *
 * @param shown - Events that have a row on this page, with what they say; left out: none has.
 */
export function NarrationText({ narration, shown = new Map() }: { narration: Narration; shown?: ReadonlyMap<number, string> }) {
  const { t, f } = useText();
  const { model, atMs, sentences } = narration;
  return (
    <>
      <p className="muted small">{t('narration.by', { model, time: f.date(atMs) })}</p>
      <ul className="stack tight">
        {sentences.map(({ text, seqs }) => (
          <li key={text}>
            {text}{' '}
            <span className="muted small">
              {seqs.map((seq, index) => (
                <span key={seq}>
                  {index === 0 ? '' : ' '}
                  {shown.has(seq) ? (
                    <a href={`#${anchorOf(seq)}`} title={shown.get(seq)} aria-label={t('narration.event', { seq: String(seq) })}>
                      #{seq}
                    </a>
                  ) : (
                    `#${seq}`
                  )}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
