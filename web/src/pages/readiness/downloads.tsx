import { pathOf } from '../../api/client.ts';
import type { ReadinessSearch } from '../../router.tsx';
import { useText } from '../../text.tsx';

/** Forms of a report, with the ends of their files' names. */
const forms = { html: 'html', md: 'md', json: 'json', junit: 'xml', text: 'txt' } as const;

/** The report that is shown, as a file in the language of the console. */
export function Downloads({
  service,
  search: { checklist, version: asked, run, against },
  version,
}: {
  service: string;
  search: ReadinessSearch;
  version: string | null;
}) {
  const { t, language } = useText();
  const name = ['readiness', service, ...(version === null ? [] : [version])].join('-');
  return (
    <section className="card stack tight" aria-labelledby="download">
      <h2 id="download">{t('readiness.download')}</h2>
      <p className="row">
        {(Object.keys(forms) as (keyof typeof forms)[]).map((format) => (
          <a
            key={format}
            className="button small"
            href={pathOf(['services', service, 'readiness', 'report'], {
              format,
              lang: language,
              checklist,
              version: asked,
              run,
              against,
            })}
            download={`${name}.${forms[format]}`}
          >
            {t(`readiness.download.${format}`)}
          </a>
        ))}
      </p>
    </section>
  );
}
