import { Link } from '@tanstack/react-router';
import type { AuditEntry } from '../../api/types.ts';
import { yamlOf } from '../../components/yaml.ts';
import type { MessageKey } from '../../messages/index.ts';
import { useText } from '../../text.tsx';

/** One record: a sentence, and everything behind it on asking. */
export function Entry({ entry }: { entry: AuditEntry }) {
  const { t, f } = useText();
  const { seq, at, actor, kind, service, release, subject, why, from, before, after, said, hash } = entry;
  const known: Partial<Record<string, MessageKey>> = kindTexts;
  const name = known[kind];
  return (
    <li className="audit-entry">
      <p className="muted small nowrap">
        <time dateTime={new Date(at).toISOString()} title={f.moment(at)}>
          {f.date(at)}
        </time>
      </p>
      <div className="stack tight">
        <p>
          <span className="strong">{actor}</span> · {name ? t(name as 'audit.kind.verb') : kind}
          {subject === null ? null : <> · {nameIn(after) ?? nameIn(before) ?? subject}</>}
          {service === null ? null : (
            <>
              {' · '}
              <Link to="/services/$name" params={{ name: service }}>
                {service}
              </Link>
            </>
          )}
          {release === null ? null : (
            <>
              {' · '}
              <Link to="/releases/$id" params={{ id: release }} className="mono">
                {release}
              </Link>
            </>
          )}
        </p>
        {said === null ? null : <p>{said}</p>}
        {why === '' || said?.includes(`: ${why}`) ? null : <p>“{why}”</p>}
        <details className="fold small">
          <summary>{t('audit.more')}</summary>
          <dl className="facts">
            <div>
              <dt>{t('audit.from')}</dt>
              <dd>
                {from === null ? '–' : `${from.address} · ${from.via}${from.credential === null ? '' : ` · ${from.credential}`}`}
              </dd>
            </div>
            <div>
              <dt>{t('audit.record')}</dt>
              <dd>{String(seq)}</dd>
            </div>
            <div>
              <dt>{t('audit.hash')}</dt>
              <dd className="mono">{hash}</dd>
            </div>
          </dl>
          <div className="audit-change">
            <Side title={t('audit.before')} value={before} />
            <Side title={t('audit.after')} value={after} />
          </div>
        </details>
      </div>
    </li>
  );
}

/** What a token is called: the record is about its id, which nobody knows by heart. */
function nameIn(side: unknown): string | null {
  return typeof side === 'object' && side !== null && 'name' in side && typeof side.name === 'string' ? side.name : null;
}

function Side({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <h3>{title}</h3>
      {value === null || value === undefined ? (
        <p className="muted">–</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
        <pre tabIndex={0}>{yamlOf(value)}</pre>
      )}
    </div>
  );
}

/** Kinds of entries in the order of the filter, each with its words. */
export const kindTexts = {
  requested: 'audit.kind.requested',
  verb: 'audit.kind.verb',
  'drill-asked': 'audit.kind.drill-asked',
  'restart-asked': 'audit.kind.restart-asked',
  'restart-stopped': 'audit.kind.restart-stopped',
  'group-requested': 'audit.kind.group-requested',
  'group-aborted': 'audit.kind.group-aborted',
  'flag-set-applied': 'audit.kind.flag-set-applied',
  'flag-set-removed': 'audit.kind.flag-set-removed',
  'flag-off': 'audit.kind.flag-off',
  'flag-share': 'audit.kind.flag-share',
  'flag-routed': 'audit.kind.flag-routed',
  'flag-reset': 'audit.kind.flag-reset',
  'silence-set': 'audit.kind.silence-set',
  'silence-ended': 'audit.kind.silence-ended',
  'objective-set': 'audit.kind.objective-set',
  'objective-removed': 'audit.kind.objective-removed',
  'correction-added': 'audit.kind.correction-added',
  'correction-removed': 'audit.kind.correction-removed',
  'readiness-run': 'audit.kind.readiness-run',
  'item-confirmed': 'audit.kind.item-confirmed',
  'confirmation-withdrawn': 'audit.kind.confirmation-withdrawn',
  'item-exempted': 'audit.kind.item-exempted',
  'exemption-ended': 'audit.kind.exemption-ended',
  'report-signed': 'audit.kind.report-signed',
  'incident-setup-applied': 'audit.kind.incident-setup-applied',
  'incident-opened': 'audit.kind.incident-opened',
  'incident-start-corrected': 'audit.kind.incident-start-corrected',
  'incident-narration-asked': 'audit.kind.incident-narration-asked',
  'incident-severity-changed': 'audit.kind.incident-severity-changed',
  'incident-acknowledged': 'audit.kind.incident-acknowledged',
  'incident-mitigated': 'audit.kind.incident-mitigated',
  'incident-resolved': 'audit.kind.incident-resolved',
  'incident-reopened': 'audit.kind.incident-reopened',
  'incident-reviewed': 'audit.kind.incident-reviewed',
  'incident-noted': 'audit.kind.incident-noted',
  'incident-review-edited': 'audit.kind.incident-review-edited',
  'incident-action-item-set': 'audit.kind.incident-action-item-set',
  'status-post-published': 'audit.kind.status-post-published',
  'status-post-draft-dropped': 'audit.kind.status-post-draft-dropped',
  'status-work-announced': 'audit.kind.status-work-announced',
  'status-work-moved': 'audit.kind.status-work-moved',
  'status-work-ended': 'audit.kind.status-work-ended',
  'status-work-cancelled': 'audit.kind.status-work-cancelled',
  'on-call-overridden': 'audit.kind.on-call-overridden',
  'on-call-override-cancelled': 'audit.kind.on-call-override-cancelled',
  'timeline-planned': 'audit.kind.timeline-planned',
  'timeline-moved': 'audit.kind.timeline-moved',
  'timeline-cancelled': 'audit.kind.timeline-cancelled',
  'timeline-entry-asked': 'audit.kind.timeline-entry-asked',
  'timeline-entry-skipped': 'audit.kind.timeline-entry-skipped',
  'signed-in': 'audit.kind.signed-in',
  'sign-in-refused': 'audit.kind.sign-in-refused',
  'signed-out': 'audit.kind.signed-out',
  'password-set': 'audit.kind.password-set',
  'user-added': 'audit.kind.user-added',
  'user-changed': 'audit.kind.user-changed',
  'user-removed': 'audit.kind.user-removed',
  'token-added': 'audit.kind.token-added',
  'token-revoked': 'audit.kind.token-revoked',
  configured: 'audit.kind.configured',
} as const satisfies Readonly<Record<string, MessageKey>>;
