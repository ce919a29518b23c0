import type { Alert } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { webAddress } from './first-to-look-at.ts';

/** Others have written the address, so only one of the web becomes a link. */
export function AlertSource({ url }: { url: string | null }) {
  const { t } = useText();
  const address = webAddress(url);
  if (address !== null)
    return (
      <a href={address} rel="noreferrer" target="_blank">
        {t('alert.source')}
      </a>
    );
  return url === null ? null : <code>{url}</code>;
}

/** Who has noticed an alert; an alert source has its name in the alert's id. */
export function AlertOrigin({ origin, id }: Pick<Alert, 'origin' | 'id'>) {
  const { t } = useText();
  return origin === 'source' ? t('origin.source', { name: /^source\.([^/]*)\//.exec(id)?.[1] ?? '' }) : t(`origin.${origin}`);
}

/** A text that others have written; where it is an address of the web and nothing else, it can be followed. */
export function LinkedText({ text }: { text: string }) {
  const address = /^https?:\/\/\S+$/.test(text) ? webAddress(text) : null;
  if (address === null) return text;
  return (
    <a href={address} rel="noreferrer" target="_blank">
      {text}
    </a>
  );
}
