import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { checklistsQuery } from '../../api/queries.ts';
import { Field } from '../../components/field.tsx';
import type { ReadinessSearch } from '../../router.tsx';
import { useText } from '../../text.tsx';
import { lookedAt } from './looked-at.ts';

/** By which checklist the service is looked at: its own, or one that is built in. */
export function ChecklistChoice({ search }: { search: ReadinessSearch }) {
  const { t } = useText();
  const { checklist, version } = search;
  const navigate = useNavigate();
  const known = useQuery(checklistsQuery).data?.checklists;
  if (known === undefined) return null;
  const isElse = checklist !== undefined && !known.some(({ name }) => name === checklist);
  return (
    <Field label={t('readiness.checklist')}>
      {(ids) => (
        <select
          {...ids}
          value={checklist ?? ''}
          onChange={({ target }) =>
            void navigate({ to: '.', search: lookedAt({ checklist: target.value }, { version: version ?? null }) })
          }
        >
          <option value="">{t('readiness.checklist.own')}</option>
          {isElse ? <option value={checklist}>{checklist}</option> : null}
          {known.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
