import { useEffect, useRef, useState } from 'react';
import { useLive } from '../api/live.ts';
import { Icon } from '../components/icon.tsx';
import { useNow } from '../components/moment.tsx';
import { useText } from '../text.tsx';

/** Says in the corner that the page is live. */
export function LiveMark() {
  const { t } = useText();
  const { kind } = useLive();
  if (kind === 'idle') return null;
  return (
    <span className={`live${kind === 'live' ? ' is-live' : ''}`} title={t(`live.${kind}`)}>
      <Icon name={kind === 'live' ? 'dot' : 'ring'} />
      <span className="live-text">{t(`live.${kind}`)}</span>
      {/* The word is hidden where it is narrow; screen readers get it all the same. */}
      <span className="seen-by-readers">{t(`live.${kind}`)}</span>
    </span>
  );
}

/** A reconnect that is over sooner is not worth a word. */
const graceMs = 2_000;
const backShownMs = 4_000;

/** What is on the page may be old: says so, how old, and when that is over. */
export function LostBar() {
  const { t, f } = useText();
  const { kind, heardAtMs } = useLive();
  const [shown, setShown] = useState<'no' | 'lost' | 'back'>('no');
  const wasLost = useRef(false);
  useNow();
  useEffect(() => {
    if (kind === 'lost') {
      const timer = setTimeout(() => {
        wasLost.current = true;
        setShown('lost');
      }, graceMs);
      return () => clearTimeout(timer);
    }
    if (!wasLost.current) return undefined;
    wasLost.current = false;
    setShown(kind === 'live' ? 'back' : 'no');
    const timer = setTimeout(() => setShown('no'), backShownMs);
    return () => clearTimeout(timer);
  }, [kind]);
  return (
    <>
      <div role="status" className="seen-by-readers">
        {shown === 'no' ? '' : t(shown === 'lost' ? 'live.lost.announced' : 'live.back')}
      </div>
      {shown === 'no' ? null : (
        <div className="lost" aria-hidden="true">
          <p>
            <Icon name={shown === 'lost' ? 'warn' : 'check'} />
            {shown === 'lost'
              ? heardAtMs === null
                ? t('live.lost.announced')
                : t('live.lost.since', { age: f.duration(performance.now() - heardAtMs) })
              : t('live.back')}
          </p>
        </div>
      )}
    </>
  );
}
