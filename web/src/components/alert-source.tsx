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
