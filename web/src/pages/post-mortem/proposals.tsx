import { useState } from 'react';
import type { PostMortem, PostMortemProposal } from '../../api/schema.ts';
import { CopyBlock } from '../../components/copy.tsx';
import { textIn } from '../../components/text-in.ts';
import { useText } from '../../text.tsx';
import { ItemDialog } from './item-dialog.tsx';

/** What could be done so that it does not happen again, with the proof from the record. */
export function Proposals({ of: { incident, proposals, review }, mayWrite }: { of: PostMortem; mayWrite: boolean }) {
  const { t, language } = useText();
  const [taken, setTaken] = useState<PostMortemProposal | null>(null);
  return (
    <section className="card stack" aria-labelledby="proposals">
      <h2 id="proposals">{t('proposals.title')}</h2>
      {proposals.length === 0 ? <p className="muted">{t('proposals.none')}</p> : null}
      <ol className="stack">
        {proposals.map((proposal) => (
          <li key={proposal.id} className="stack tight">
            <p className="strong">{textIn(proposal.said, language)}</p>
            <p>{textIn(proposal.proof, language)}</p>
            {proposal.diff === null ? null : (
              <details className="fold small">
                <summary>{t('proposals.diff')}</summary>
                <CopyBlock text={proposal.diff} label={t('proposals.diff')} />
              </details>
            )}
            {mayWrite && !review.items.some((item) => item.proposal === proposal.id) ? (
              <p>
                <button type="button" className="button small" onClick={() => setTaken(proposal)}>
                  {t('proposals.take')}
                </button>
              </p>
            ) : null}
          </li>
        ))}
      </ol>
      {taken === null ? null : (
        <ItemDialog
          id={incident}
          item={null}
          proposal={{ id: taken.id, text: textIn(taken.said, language) }}
          onClose={() => setTaken(null)}
        />
      )}
    </section>
  );
}
