import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import { may, permissionOf } from '../../api/may.ts';
import type { VerbResult } from '../../api/schema.ts';
import type { Release, Verb } from '../../api/types.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { useKeys } from '../../components/keys.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { say } from '../../components/said.tsx';
import { useSession } from '../../shell/session.tsx';
import { useMenu } from '../../shell/shell.tsx';
import { useText } from '../../text.tsx';

const icons: Readonly<Record<Verb, IconName>> = {
  approve: 'check',
  promote: 'forward',
  pause: 'pause',
  resume: 'play',
  retry: 'retry',
  abort: 'stop',
};
const keys: Readonly<Record<Verb, string>> = { approve: 'y', promote: 'm', pause: 'p', resume: 'r', retry: 't', abort: 'a' };
const order: readonly Verb[] = ['approve', 'resume', 'pause', 'promote', 'retry'];

/** What the viewer may do to the release. Abort is always at hand; what the state forbids says why. */
export function Verbs({ release }: { release: Release }) {
  const { t } = useText();
  const session = useSession();
  const [asked, setAsked] = useState<Verb | null>(null);
  const menu = useMenu();
  const isStarter = session.name.trim().toLowerCase() === release.by.trim().toLowerCase();
  const refusalOf = (verb: Verb): string | null => {
    const said = release.verbs.find((one) => one.verb === verb);
    return (isStarter ? said?.refusalToStarter : said?.refusal) ?? null;
  };
  const allowed = [...order, 'abort' as const].filter((verb) => may(session, permissionOf[verb], release.service));
  const take = (verb: Verb): void => {
    const refusal = refusalOf(verb);
    if (refusal === null) setAsked(verb);
    else say(`${t(`verb.${verb}`)}: ${refusal}`, false);
  };
  useKeys(allowed.map((verb) => ({ keys: keys[verb], label: t(`verb.${verb}`), run: () => take(verb) })));
  if (allowed.length === 0) return <p className="muted small verbs-none">{t('verbs.none')}</p>;
  // A question that others have to answer: a button would only say so after a reason has been written for it.
  const forOthers = release.verbs.find(({ verb, refusal }) => verb === 'approve' && refusal === null)
    ? refusalOf('approve')
    : null;
  const others = allowed.filter((verb) => verb !== 'abort' && !(verb === 'approve' && forOthers !== null));
  // An approval is what somebody came for; the rest follows.
  const first = others.find((verb) => verb === 'approve' && refusalOf(verb) === null);
  return (
    <div className="verbs">
      {forOthers !== null && allowed.includes('approve') ? <p className="verbs-note">{forOthers}</p> : null}
      {others.length > 0 ? (
        <>
          <div className="verbs-wide row">
            {others.map((verb) => (
              <VerbButton key={verb} verb={verb} refusal={refusalOf(verb)} isFirst={verb === first} onTake={take} />
            ))}
          </div>
          <details className="menu verbs-narrow" ref={menu}>
            <summary className="button">{t('verbs.more')}</summary>
            <div className="menu-body">
              {others.map((verb) => (
                <VerbButton key={verb} verb={verb} refusal={refusalOf(verb)} isFirst={verb === first} onTake={take} saysWhy />
              ))}
            </div>
          </details>
        </>
      ) : null}
      {allowed.includes('abort') ? <VerbButton verb="abort" refusal={refusalOf('abort')} isFirst={false} onTake={take} /> : null}
      {asked === null ? null : <VerbDialog release={release} verb={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function VerbButton({
  verb,
  refusal,
  isFirst,
  onTake,
  saysWhy = false,
}: {
  verb: Verb;
  refusal: string | null;
  isFirst: boolean;
  onTake: (verb: Verb) => void;
  saysWhy?: boolean;
}) {
  const { t } = useText();
  const look = verb === 'abort' ? ' danger' : isFirst ? ' first' : '';
  return (
    <>
      {/* Not `disabled`: what is refused has to be reached, to be asked why. */}
      <button
        type="button"
        className={`button${look}`}
        aria-disabled={refusal !== null}
        aria-keyshortcuts={keys[verb]}
        title={refusal ?? undefined}
        onClick={() => onTake(verb)}
      >
        <Icon name={icons[verb]} />
        {t(`verb.${verb}`)}
        {refusal === null ? null : <span className="seen-by-readers">: {refusal}</span>}
      </button>
      {saysWhy && refusal !== null ? <p className="small muted">{refusal}</p> : null}
    </>
  );
}

function VerbDialog({ release, verb, onClose }: { release: Release; verb: Verb; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const { key, failed } = useIntent();
  const send = useMutation({
    mutationFn: (why: string) =>
      ask<VerbResult>(pathOf(['releases', release.id, 'verbs']), { method: 'POST', body: { verb, why }, key }),
    onError: failed,
    onSuccess: ({ done, said }) => {
      say(said, done);
      onClose();
      void client.invalidateQueries({ queryKey: ['release', release.id] });
      void client.invalidateQueries({ queryKey: ['timeline', release.id] });
    },
  });
  const names = { service: release.service, version: release.version };
  // Going back already, it can be aborted only where its database does not go back, or must not.
  const isBack = release.verbs.some((one) => one.verb === 'promote' && one.refusal !== null);
  const leaves = verb === 'abort' && isBack && (release.state === 'held' || release.state === 'rollback-failed');
  return (
    <ReasonDialog
      title={t(`verb.${verb}.title`, names)}
      explanation={t(leaves ? 'verb.abort.leaves' : `verb.${verb}.does`, {
        ...names,
        stable: release.stable ?? t('release.no-stable'),
      })}
      go={t(`verb.${verb}.go`)}
      isDanger={verb === 'abort'}
      isRequired={verb === 'promote' || verb === 'approve'}
      isBusy={send.isPending}
      error={send.error}
      onGo={(why) => send.mutate(why)}
      onClose={onClose}
    />
  );
}
