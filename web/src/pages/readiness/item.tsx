import { type ReactNode, useState } from 'react';
import { pathOf } from '../../api/client.ts';
import type { ReadinessItem } from '../../api/schema.ts';
import { Opener } from '../../components/opener.tsx';
import { roleText } from '../../components/role-text.ts';
import type { ReadinessSearch } from '../../router.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { ConfirmDialog } from './confirm.tsx';
import { ExemptDialog } from './exempt.tsx';
import { RunButton } from './run-button.tsx';
import { WithdrawDialog } from './withdraw.tsx';

type Opened = 'confirm' | 'withdraw' | 'exempt' | 'unexempt';

export type ItemOf = {
  readonly service: string;
  readonly item: ReadinessItem;
  readonly search: ReadinessSearch;
  /** Checks run already, so none can be begun. */
  readonly isBusy: boolean;
};

/** All that is known of an item, and what can be done about it. */
export function ItemDetails({ service, item, search, isBusy }: ItemOf) {
  const text = useText();
  const { t, f } = text;
  const maySteer = useMay('steer', service) && search.run === undefined;
  const mayApprove = useMay('approve', service) && search.run === undefined;
  const [opened, setOpened] = useState<Opened | null>(null);
  const { id, title, why, fix, role, result, confirmation, exemption, asks, expiresMs, status } = item;
  const { checklist } = search;
  const close = (): void => setOpened(null);
  const isCheck = result !== null || asks === null;
  const about = { service, checklist, item: id, title, onClose: close };
  return (
    <div className="stack readiness-details">
      <dl className="readiness-facts">
        <Fact name={t('readiness.item.why')}>{why}</Fact>
        {fix === null ? null : <Fact name={t('readiness.item.fix')}>{fix}</Fact>}
        <Fact name={t('readiness.item.role')}>{roleText(role, text)}</Fact>
        {result === null ? null : (
          <>
            <Fact name={t('readiness.item.looked')}>{result.lookedAt}</Fact>
            <Fact name={t('readiness.item.expected')}>{result.expected}</Fact>
            <Fact name={t('readiness.item.found')}>{result.found}</Fact>
            {result.evidence.length > 0 ? (
              <Fact name={t('readiness.item.evidence')}>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
                <pre className="readiness-evidence" tabIndex={0}>
                  {result.evidence.join('\n')}
                </pre>
              </Fact>
            ) : null}
            {Object.keys(result.figures).length > 0 ? (
              <Fact name={t('readiness.item.figures')}>
                {Object.entries(result.figures)
                  .map(([name, value]) => `${name} ${f.fine(value)}`)
                  .join(', ')}
              </Fact>
            ) : null}
            <Fact name={t('readiness.item.checked')}>
              {t('readiness.item.checked.took', { moment: f.moment(result.startedMs), took: f.duration(result.tookMs) })}
            </Fact>
          </>
        )}
        {result === null && isCheck && status !== 'skipped' ? (
          <Fact name={t('readiness.item.checked')}>{t('readiness.item.never')}</Fact>
        ) : null}
        {asks === null ? null : (
          <Fact name={t('readiness.item.asks')}>
            {t('readiness.item.asks.role', { role: roleText(asks.role, text), text: asks.text })}
          </Fact>
        )}
        {confirmation === null ? null : (
          <Fact name={t('readiness.item.confirmed')}>
            {t('readiness.item.confirmed.by', {
              by: confirmation.by,
              at: f.moment(confirmation.atMs),
              until: f.moment(confirmation.untilMs),
            })}
            {confirmation.comment === null ? null : <p>{confirmation.comment}</p>}
            {confirmation.evidence === null ? null : (
              <p>
                <Proof service={service} evidence={confirmation.evidence} />
              </p>
            )}
          </Fact>
        )}
        {exemption === null ? null : (
          <Fact name={t('readiness.item.exempt')}>
            {t('readiness.item.exempt.by', {
              by: exemption.by,
              reason: exemption.reason,
              until: f.moment(exemption.untilMs),
            })}
          </Fact>
        )}
        {expiresMs === null ? null : <Fact name={t('readiness.item.expires')}>{f.moment(expiresMs)}</Fact>}
      </dl>
      {maySteer || mayApprove ? (
        <div className="row">
          {maySteer && isCheck && status !== 'skipped' ? (
            <RunButton
              service={service}
              of={search}
              what={{ items: [id], again: true }}
              label={t('readiness.run.item')}
              name={t('readiness.run.item.of', { item: title })}
              look="small"
              isBusy={isBusy}
            />
          ) : null}
          {maySteer && asks !== null ? (
            <Opener
              label={t('readiness.confirm')}
              name={t('readiness.confirm.of', { item: title })}
              onOpen={() => setOpened('confirm')}
            />
          ) : null}
          {maySteer && confirmation !== null ? (
            <Opener
              label={t('readiness.withdraw')}
              name={t('readiness.withdraw.of', { item: title })}
              onOpen={() => setOpened('withdraw')}
            />
          ) : null}
          {mayApprove && status !== 'skipped' && exemption === null ? (
            <Opener
              label={t('readiness.exempt')}
              name={t('readiness.exempt.of', { item: title })}
              onOpen={() => setOpened('exempt')}
            />
          ) : null}
          {/* One of the document has no moment, and ends there. */}
          {mayApprove && exemption !== null && exemption.atMs > 0 ? (
            <Opener
              label={t('readiness.unexempt')}
              name={t('readiness.unexempt.of', { item: title })}
              onOpen={() => setOpened('unexempt')}
            />
          ) : null}
        </div>
      ) : null}
      {opened === 'confirm' && asks ? <ConfirmDialog {...about} asks={asks} /> : null}
      {opened === 'withdraw' ? <WithdrawDialog {...about} what="confirmations" /> : null}
      {opened === 'exempt' ? <ExemptDialog {...about} /> : null}
      {opened === 'unexempt' ? <WithdrawDialog {...about} what="exemptions" /> : null}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Proof({
  service,
  evidence,
}: {
  service: string;
  evidence: NonNullable<NonNullable<ReadinessItem['confirmation']>['evidence']>;
}) {
  const { t, f } = useText();
  if (evidence.kind === 'link')
    return (
      <a href={evidence.url} rel="noreferrer">
        {evidence.url}
      </a>
    );
  return (
    <a href={pathOf(['services', service, 'readiness', 'evidence', evidence.sha256])} download={evidence.name}>
      {t('readiness.item.file', { name: evidence.name, size: f.bytes(evidence.bytes) })}
    </a>
  );
}
