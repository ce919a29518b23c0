import { useQuery } from '@tanstack/react-query';
import { servicesQuery } from '../../api/queries.ts';
import type { GrantInput } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { useText } from '../../text.tsx';

const roles = ['viewer', 'operator', 'approver', 'admin'] as const;

/** Grants in words: `operator of shop, cart; viewer of all services`. */
export function useGrantText(): (grants: readonly GrantInput[]) => string {
  const { t } = useText();
  return (grants) =>
    grants.length === 0
      ? t('grants.none')
      : grants
          .map(({ role, services }) =>
            services === '*'
              ? t('grants.all', { role: t(`role.${role}`) })
              : t('grants.some', { role: t(`role.${role}`), services: services.join(', ') }),
          )
          .join('; ');
}

/** Which roles somebody has, each on all services or on some. */
export function GrantFields({
  grants,
  onChange,
}: {
  grants: readonly GrantInput[];
  onChange: (grants: readonly GrantInput[]) => void;
}) {
  const { t } = useText();
  const known = useQuery(servicesQuery).data?.services.map(({ name }) => name) ?? [];
  const set = (index: number, grant: GrantInput): void => onChange(grants.with(index, grant));
  return (
    <fieldset>
      <legend>{t('grants.title')}</legend>
      {grants.map((grant, index) => {
        const services = grant.services === '*' ? [] : grant.services;
        const names = [...new Set([...known, ...services])];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a grant has no other name than its place.
          <div key={index} className="grant">
            <div className="form-line">
              <Field label={t('grants.role')} hint={t(`role.${grant.role}.may`)}>
                {(ids) => (
                  <select
                    {...ids}
                    value={grant.role}
                    onChange={({ target }) =>
                      set(index, { ...grant, role: roles.find((role) => role === target.value) ?? 'viewer' })
                    }
                  >
                    {roles.map((role) => (
                      <option key={role} value={role}>
                        {t(`role.${role}`)}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <Field label={t('grants.on')} hint={grant.services.length === 0 ? t('grants.on.choose') : null}>
                {(ids) => (
                  <select
                    {...ids}
                    value={grant.services === '*' ? 'all' : 'some'}
                    onChange={({ target }) =>
                      set(index, { ...grant, services: target.value === 'all' ? '*' : names.slice(0, 1) })
                    }
                  >
                    <option value="all">{t('grants.on.all')}</option>
                    <option value="some" disabled={names.length === 0}>
                      {t('grants.on.some')}
                    </option>
                  </select>
                )}
              </Field>
              <button
                type="button"
                className="button plain"
                aria-label={t('grants.remove', { role: t(`role.${grant.role}`) })}
                onClick={() => onChange(grants.toSpliced(index, 1))}
              >
                <Icon name="cross" />
              </button>
            </div>
            {grant.services === '*' ? null : (
              <div className="row grant-services">
                {names.map((name) => (
                  <label key={name} className="check">
                    <input
                      type="checkbox"
                      checked={services.includes(name)}
                      onChange={({ target }) =>
                        set(index, {
                          ...grant,
                          services: target.checked ? [...services, name] : services.filter((one) => one !== name),
                        })
                      }
                    />
                    {name}
                  </label>
                ))}
              </div>
            )}
          </div>
        );
      })}
      <p>
        <button type="button" className="button small" onClick={() => onChange([...grants, { role: 'viewer', services: '*' }])}>
          {t('grants.add')}
        </button>
      </p>
    </fieldset>
  );
}
