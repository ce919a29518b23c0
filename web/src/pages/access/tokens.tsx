import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { serverNow } from '../../api/clock.ts';
import { tokensQuery } from '../../api/queries.ts';
import type { GrantInput, Token, TokenAdded } from '../../api/schema.ts';
import { Copy } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { Ago } from '../../components/moment.tsx';
import { NameField } from '../../components/name-field.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';
import { GrantFields, useGrantText } from './grants.tsx';

export function Tokens() {
  const { t } = useText();
  const tokens = useQuery(tokensQuery);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<TokenAdded | null>(null);
  const [revoked, setRevoked] = useState<Token | null>(null);
  return (
    <section className="card" aria-labelledby="tokens">
      <div className="card-head">
        <h2 id="tokens">{t('tokens.title')}</h2>
        <button type="button" className="button" onClick={() => setMaking(true)}>
          {t('tokens.make')}
        </button>
      </div>
      {tokens.error ? <ProblemNote error={tokens.error} /> : null}
      {tokens.data?.tokens.length === 0 ? <p className="muted">{t('tokens.none')}</p> : null}
      {tokens.data && tokens.data.tokens.length > 0 ? <Table tokens={tokens.data.tokens} onRevoke={setRevoked} /> : null}
      {isMaking ? (
        <Make
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
          }}
        />
      ) : null}
      {made ? (
        <Dialog title={t('tokens.made', { name: made.token.name })} onClose={() => setMade(null)}>
          <Note tone="warn" icon="warn" title={t('shown-once')}>
            <p>{t('tokens.made.more')}</p>
          </Note>
          <Copy text={made.secret} label={t('tokens.secret')} />
        </Dialog>
      ) : null}
      {revoked ? <Revoke token={revoked} onClose={() => setRevoked(null)} /> : null}
    </section>
  );
}

function Table({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  const { t, f } = useText();
  const grantText = useGrantText();
  return (
    <Scroll label={t('tokens.table')}>
      <table className="cards">
        <TableHead
          columns={[
            t('sign-in.name'),
            t('grants.title'),
            t('tokens.by'),
            t('tokens.used'),
            t('tokens.expires'),
            t('users.change'),
          ]}
        />
        <tbody>
          {tokens.map((token) => {
            const isOver = token.expiresAtMs !== null && token.expiresAtMs < serverNow();
            return (
              <tr key={token.id}>
                <th scope="row">{token.name}</th>
                <td data-label={t('grants.title')}>{grantText(token.grants)}</td>
                <td data-label={t('tokens.by')}>{token.by}</td>
                <td className="nowrap" data-label={t('tokens.used')}>
                  {token.lastUsedMs === null ? t('users.never') : <Ago atMs={token.lastUsedMs} />}
                </td>
                <td className="nowrap" data-label={t('tokens.expires')}>
                  {token.revokedAtMs !== null || isOver ? (
                    <Chip tone="quiet" icon="cross">
                      {t(isOver ? 'tokens.expired' : 'tokens.revoked')}
                    </Chip>
                  ) : token.expiresAtMs === null ? (
                    t('tokens.no-end')
                  ) : (
                    f.moment(token.expiresAtMs)
                  )}
                </td>
                <td>
                  {token.revokedAtMs === null && !isOver ? (
                    <button
                      type="button"
                      className="button small"
                      aria-label={`${t('tokens.revoke')}: ${token.name}`}
                      onClick={() => onRevoke(token)}
                    >
                      {t('tokens.revoke')}
                    </button>
                  ) : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

const dayMs = 86_400_000;
const lives = [30, 90, 365] as const;

function Make({ onClose, onMade }: { onClose: () => void; onMade: (token: TokenAdded) => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number | null>(90);
  const [grants, setGrants] = useState<readonly GrantInput[]>([{ role: 'viewer', services: [] }]);
  const make = useMutation({
    mutationFn: () => {
      const expiresAtMs = days === null ? null : Math.round(serverNow() + days * dayMs);
      return ask<TokenAdded>(pathOf(['tokens']), { method: 'POST', body: { name: name.trim(), grants, expiresAtMs } });
    },
    onSuccess: async (token) => {
      await client.invalidateQueries({ queryKey: ['tokens'] });
      onMade(token);
    },
  });
  return (
    <DialogForm
      title={t('tokens.make')}
      go={t('tokens.make.go')}
      isBusy={make.isPending}
      error={make.error}
      onGo={() => make.mutate()}
      onClose={onClose}
    >
      <NameField label={t('sign-in.name')} hint={t('tokens.name.hint')} value={name} onChange={setName} />
      <GrantFields grants={grants} onChange={setGrants} />
      <Field label={t('tokens.expires')}>
        {(ids) => (
          <select
            {...ids}
            value={days ?? 'never'}
            onChange={({ target }) => setDays(target.value === 'never' ? null : Number(target.value))}
          >
            {lives.map((one) => (
              <option key={one} value={one}>
                {t('tokens.in-days', { n: one })}
              </option>
            ))}
            <option value="never">{t('tokens.no-end')}</option>
          </select>
        )}
      </Field>
    </DialogForm>
  );
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (why: string) => ask(pathOf(['tokens', token.id], { why }), { method: 'DELETE' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['tokens'] });
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={t('tokens.revoke.title', { name: token.name })}
      explanation={t('tokens.revoke.does')}
      go={t('tokens.revoke')}
      isDanger
      isRequired={false}
      isBusy={revoke.isPending}
      error={revoke.error}
      onGo={(why) => revoke.mutate(why)}
      onClose={onClose}
    />
  );
}
