import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { instanceLogQuery } from '../api/queries.ts';
import type { Instance } from '../api/schema.ts';
import { useText } from '../text.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem.tsx';

/** The last lines of an instance's log, at the side of the page; they go on coming. */
export function InstanceLog({ service, instance, onClose }: { service: string; instance: Instance; onClose: () => void }) {
  const { t } = useText();
  const log = useQuery(instanceLogQuery(service, instance.id));
  const end = useRef<HTMLPreElement>(null);
  const lines = log.data?.lines;
  useEffect(() => {
    if (lines && end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [lines]);
  return (
    <Dialog title={t('instance.log.of', { instance: instance.id })} onClose={onClose} className="drawer">
      <p className="muted small">
        {instance.version} · {instance.address}
      </p>
      {log.error ? <ProblemNote error={log.error} /> : null}
      {log.isPending ? <p className="muted">{t('loading')}</p> : null}
      {lines ? (
        lines.length === 0 ? (
          <p className="muted">{t('instance.log.empty')}</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
          <pre className="log" ref={end} tabIndex={0} role="log" aria-live="off" aria-label={t('instance.log')}>
            {lines.join('\n')}
          </pre>
        )
      ) : null}
    </Dialog>
  );
}
