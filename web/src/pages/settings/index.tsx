import { useQuery } from '@tanstack/react-query';
import { settingsQuery } from '../../api/queries.ts';
import type { ControllerSettings, Reach } from '../../api/schema.ts';
import { Ago } from '../../components/moment.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';

/** What is configured, and what of it can be reached now. */
export function SettingsPage() {
  const { t, f } = useText();
  const settings = useQuery(settingsQuery);
  const data = settings.data;
  return (
    <div className="page">
      <PageTitle of={t('settings.title')} />
      <div className="page-head">
        <div>
          <h1>{t('settings.title')}</h1>
          <p className="muted">{t('settings.file')}</p>
        </div>
        <button type="button" className="button" disabled={settings.isFetching} onClick={() => void settings.refetch()}>
          {t('settings.again')}
        </button>
      </div>
      {settings.error ? <ProblemNote error={settings.error} /> : null}
      {settings.isPending ? <Pending /> : null}
      {data ? (
        <>
          <Reached reach={data.reach} />
          <section className="card" aria-labelledby="controller">
            <h2 id="controller">{t('settings.controller')}</h2>
            <dl className="facts wide">
              <Fact name={t('settings.version')} value={data.version} />
              <Fact name={t('settings.node')} value={data.node} />
              <Fact name={t('settings.started')} value={<Ago atMs={data.startedAtMs} />} />
              <Fact name={t('settings.folder')} value={<code>{data.dataFolder}</code>} />
              <Fact name={t('settings.lateness')} value={f.ms(data.latenessMs)} />
            </dl>
          </section>
          <Configured settings={data.settings} />
        </>
      ) : null}
    </div>
  );
}

function Reached({ reach }: { reach: readonly Reach[] }) {
  const { t, f } = useText();
  return (
    <section className="card" aria-labelledby="reach">
      <h2 id="reach">{t('settings.reach')}</h2>
      {reach.length === 0 ? <p className="muted">{t('settings.reach.none')}</p> : null}
      {reach.length > 0 ? (
        <Scroll label={t('settings.reach.table')}>
          <table>
            <TableHead
              columns={[
                t('settings.what'),
                t('overview.column.service'),
                t('settings.state'),
                t('settings.detail'),
                { number: t('settings.took') },
              ]}
            />
            <tbody>
              {reach.map(({ what, service, ok, detail, ms }) => (
                <tr key={`${what} ${service}`}>
                  <th scope="row">{what}</th>
                  <td>{service ?? '–'}</td>
                  <td>
                    <Chip tone={ok ? 'ok' : 'bad'} icon={ok ? 'check' : 'stop'}>
                      {t(ok ? 'settings.reached' : 'settings.not-reached')}
                    </Chip>
                  </td>
                  <td>{detail}</td>
                  <td className="number">{f.ms(ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
    </section>
  );
}

function Configured({ settings }: { settings: ControllerSettings }) {
  const { t, f } = useText();
  const { publicUrl, trustProxy, cors, rateLimits, sessions, oidc, streams } = settings;
  const list = (all: readonly string[]): string => (all.length === 0 ? t('settings.none') : all.join(', '));
  return (
    <section className="card" aria-labelledby="configured">
      <h2 id="configured">{t('settings.configured')}</h2>
      <dl className="facts wide">
        <Fact name={t('settings.url')} value={publicUrl ?? t('settings.none')} />
        <Fact name={t('settings.proxies')} value={list(trustProxy)} />
        <Fact name={t('settings.cors')} value={list(cors.origins)} />
        <Fact
          name={t('settings.rate.token')}
          value={t('settings.rate', { minute: rateLimits.token.perMinute, hour: rateLimits.token.perHour })}
        />
        <Fact name={t('settings.rate.user')} value={t('settings.rate.minute', { minute: rateLimits.user.perMinute })} />
        <Fact name={t('settings.rate.anonymous')} value={t('settings.rate.minute', { minute: rateLimits.anonymous.perMinute })} />
        <Fact
          name={t('settings.sessions')}
          value={t('settings.sessions.end', { idle: f.duration(sessions.idleMs), max: f.duration(sessions.maxMs) })}
        />
        <Fact name={t('settings.streams')} value={f.number(streams.max)} />
        <Fact name={t('settings.oidc')} value={oidc === null ? t('settings.none') : `${oidc.name} · ${oidc.issuer}`} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
