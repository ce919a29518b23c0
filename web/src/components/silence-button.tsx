import { useState } from 'react';
import { may } from '../api/may.ts';
import { useSession } from '../shell/session.tsx';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';
import { SilenceDialog } from './silence-dialog.tsx';

/** Silences one alert, for whoever may; nothing for the others. */
export function SilenceButton({
  alert,
}: {
  alert: { readonly id: string; readonly name: string; readonly service: string | null };
}) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  if (!may(useSession(), 'steer', alert.service)) return null;
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={t('post.of', { what: t('silence.go'), title: alert.name })}
        onClick={() => setOpen(true)}
      >
        <Icon name="mute" />
        {t('silence.go')}
      </button>
      {isOpen ? <SilenceDialog alert={alert} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
