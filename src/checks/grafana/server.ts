import { z } from 'zod';
import type { Connection } from '../../spec/connection.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, type ProgramClient } from '../program-client.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { type Dashboard, dashboardFindings, readDashboard, type Wanted } from './dashboard.ts';
import { expectation } from './expectation.ts';

const health = z.object({ database: z.string(), version: z.string().optional() });
const found = z.array(z.object({ uid: z.string(), title: z.string(), folderTitle: z.string().nullish() }));
const loaded = z.object({ dashboard: z.unknown() });

/** Most that Grafana answers at once. */
const searchMax = 5_000;
/** Dashboards that are looked into, where none is named. */
const openedMax = 100;

type Server = Connection & Wanted & { readonly folder?: string | undefined };

/** Dashboards on a server (`GET /api/health`, `/api/search`, `/api/dashboards/uid/UID`). */
export async function onServer(config: Server, context: CheckContext): Promise<CheckResult> {
  const expected = expectation(config);
  return await lookAt('Grafana', config, expected, context, async (client) => {
    const findings: Finding[] = [healthFinding(await client.json(health, '/api/health'))];
    const query = { type: 'dash-db', limit: String(searchMax) };
    const all = await client.json(found, '/api/search', { query });
    const inFolder = all.filter(({ folderTitle }) => config.folder === undefined || folderTitle === config.folder);
    const wanted = inFolder.filter(
      ({ uid, title }) => config.dashboards.length === 0 || config.dashboards.some((name) => name === uid || name === title),
    );
    const dashboards: Dashboard[] = [];
    for (const { uid, title } of wanted.slice(0, openedMax)) {
      context.progress(title);
      const read = await opened(client, uid);
      if ('problem' in read) findings.push(broken(title, read.problem));
      else dashboards.push(read);
    }
    findings.push(...dashboardFindings(config, dashboards));
    return resultOf(client.where, expected, findings, { dashboards: inFolder.length });
  });
}

async function opened({ json }: ProgramClient, uid: string): Promise<Dashboard | { readonly problem: string }> {
  return readDashboard((await json(loaded, `/api/dashboards/uid/${encodeURIComponent(uid)}`)).dashboard);
}

function healthFinding({ database, version }: z.output<typeof health>): Finding {
  if (database === 'ok') return { status: 'pass', text: sentence('Grafana $ is healthy', 'Grafana $ исправна', version ?? '') };
  return {
    status: 'fail',
    text: sentence('the database of Grafana is $', 'база данных Grafana: $', database),
    fix: { en: 'see the log of Grafana', ru: 'посмотрите журнал Grafana' },
  };
}

function broken(title: string, problem: string): Finding {
  return {
    status: 'fail',
    text: sentence('$ cannot be read: $', '$ не читается: $', title, problem),
    fix: sentence('save $ again in Grafana', 'сохраните $ в Grafana заново', title),
  };
}
