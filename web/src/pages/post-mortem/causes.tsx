import type { Cause } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { textIn } from '../../components/text-in.ts';
import { useText } from '../../text.tsx';

const looks: Readonly<Record<Cause['strength'], readonly [Tone, IconName]>> = {
  strong: ['bad', 'stop'],
  some: ['warn', 'warn'],
  weak: ['quiet', 'question'],
  against: ['ok', 'cross'],
};

/** What may have done it, with the numbers that speak for it and what would refute it. */
export function Causes({ causes }: { causes: readonly Cause[] }) {
  const { t, language } = useText();
  return (
    <section className="card stack" aria-labelledby="causes">
      <h2 id="causes">{t('causes.title')}</h2>
      <p className="muted small">{t(causes.length === 0 ? 'causes.none' : 'causes.more')}</p>
      <ol className="stack tight">
        {causes.map(({ id, strength, said, evidence, refutedBy }) => (
          <li key={id} className="stack tight">
            <p className="row">
              <Chip tone={looks[strength][0]} icon={looks[strength][1]}>
                {t(`causes.${strength}`)}
              </Chip>
              <span className="strong">{textIn(said, language)}</span>
            </p>
            <details className="fold small">
              <summary>{t('causes.evidence', { n: evidence.length })}</summary>
              <ul className="stack tight">
                {evidence.map(({ text }) => (
                  <li key={textIn(text, language)}>{textIn(text, language)}</li>
                ))}
              </ul>
              <p className="muted">{t('causes.refuted', { text: textIn(refutedBy, language) })}</p>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
