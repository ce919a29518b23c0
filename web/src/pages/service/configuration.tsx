import { useQuery } from '@tanstack/react-query';
import { configurationQuery } from '../../api/queries.ts';
import { ProblemNote } from '../../components/problem.tsx';
import { yamlOf } from '../../components/yaml.ts';
import { useText } from '../../text.tsx';

/** The document that the stable version was released with, without its secrets. */
export function Configuration({ name }: { name: string }) {
  const { t } = useText();
  const configuration = useQuery(configurationQuery(name));
  return (
    <section className="card stack tight" aria-labelledby="configuration">
      <h2 id="configuration">{t('configuration.title')}</h2>
      {configuration.error ? <ProblemNote error={configuration.error} /> : null}
      {configuration.data ? (
        <>
          <p className="muted small">{t('configuration.of', { version: configuration.data.version })}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
          <pre className="document" tabIndex={0}>
            {yamlOf(configuration.data.document)}
          </pre>
        </>
      ) : null}
    </section>
  );
}
