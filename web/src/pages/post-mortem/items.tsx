import { useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import type { ActionItem } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';
import { ItemDialog } from './item-dialog.tsx';

const looks: Readonly<Record<ActionItem['state'], readonly [Tone, IconName]>> = {
  open: ['warn', 'clock'],
  done: ['ok', 'check'],
  dropped: ['quiet', 'cross'],
};

/** Who does what until when, so that it does not happen again. */
export function ActionItems({ id, items, mayWrite }: { id: string; items: readonly ActionItem[]; mayWrite: boolean }) {
  const { t } = useText();
  const [asked, setAsked] = useState<ActionItem | 'new' | null>(null);
  const today = new Date(serverNow()).toISOString().slice(0, 10);
  return (
    <section className="card stack" aria-labelledby="items">
      <div className="card-head">
        <h2 id="items">{t('items.title')}</h2>
        {mayWrite ? (
          <button type="button" className="button small" onClick={() => setAsked('new')}>
            {t('items.add')}
          </button>
        ) : null}
      </div>
      {items.length === 0 ? (
        <p className="muted">{t('items.none')}</p>
      ) : (
        <Scroll label={t('items.table')}>
          <table className="cards">
            <TableHead columns={[t('items.what'), t('items.owner'), t('items.due'), t('settings.state')]} />
            <tbody>
              {items.map((item) => (
                <tr key={item.id}>
                  <th scope="row">{item.text}</th>
                  <td data-label={t('items.owner')}>{item.owner}</td>
                  <td data-label={t('items.due')} className="nowrap">
                    {item.due}
                    {item.state === 'open' && item.due < today ? <p className="ink-bad small">{t('items.late')}</p> : null}
                  </td>
                  <td>
                    <span className="row">
                      <Chip tone={looks[item.state][0]} icon={looks[item.state][1]}>
                        {t(`items.${item.state}`)}
                      </Chip>
                      {mayWrite ? (
                        <button
                          type="button"
                          className="button small"
                          aria-label={t('post.of', { what: t('items.edit'), title: item.text })}
                          onClick={() => setAsked(item)}
                        >
                          {t('items.edit')}
                        </button>
                      ) : null}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {asked === null ? null : (
        <ItemDialog id={id} item={asked === 'new' ? null : asked} proposal={null} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}
