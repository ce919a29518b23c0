import { z } from 'zod';
import { longDurationMs } from '../long-duration.ts';
import type { ProgramClient } from '../program-client.ts';
import type { Kept } from './kept.ts';

/** How long something is kept: an index, a data stream, or what a policy says for several of them. */
export type Retention = { readonly of: string; readonly kept: Kept };

const about = z.object({ version: z.object({ distribution: z.string().optional() }) });
const settings = z.record(z.string(), z.object({ settings: z.record(z.string(), z.unknown()) }));
const policies = z.record(
  z.string(),
  z.object({ policy: z.object({ phases: z.object({ delete: z.object({ min_age: z.string().default('0ms') }).optional() }) }) }),
);
const dataStreams = z.object({
  data_streams: z.array(
    z.object({
      name: z.string(),
      lifecycle: z.object({ enabled: z.boolean().default(true), data_retention: z.string().optional() }).optional(),
    }),
  ),
});
const managed = z.record(z.string(), z.unknown());
const statePolicy = z.object({
  policy: z.object({
    states: z.array(
      z.object({
        name: z.string(),
        actions: z.array(z.record(z.string(), z.unknown())).default([]),
        transitions: z
          .array(
            z.object({
              state_name: z.string(),
              conditions: z.object({ min_index_age: z.string().optional() }).optional(),
            }),
          )
          .default([]),
      }),
    ),
  }),
});

/** Policies that are looked at, at most. */
const policiesMax = 20;

/**
 * How long the indices of a pattern are kept: by ILM policies and data stream lifecycles of Elasticsearch, or ISM policies of
 * OpenSearch. Each policy is told once.
 */
export async function retentions(index: string, client: ProgramClient): Promise<readonly Retention[]> {
  const { distribution } = (await client.json(about, '')).version;
  const found = distribution === 'opensearch' ? await ofOpenSearch(index, client) : await ofElasticsearch(index, client);
  return found.length > 0 ? found : [{ of: index, kept: 'unknown' }];
}

async function ofElasticsearch(index: string, { ask, json, read }: ProgramClient): Promise<readonly Retention[]> {
  const found: Retention[] = [];
  const path = `/_data_stream/${index}`;
  const streams = await ask(path);
  for (const { name, lifecycle } of streams.status === 200 ? read(dataStreams, path, streams).data_streams : [])
    if (lifecycle?.enabled) found.push({ of: name, kept: keptFor(lifecycle.data_retention) });
  const indices = await json(settings, `/${index}/_settings`, { query: { flat_settings: 'true' } });
  const names = Object.entries(indices).map(([name, one]) => ({ name, policy: one.settings['index.lifecycle.name'] }));
  const unmanaged = names.filter(({ name, policy }) => typeof policy !== 'string' && !found.some(({ of }) => name.includes(of)));
  if (unmanaged.length > 0)
    found.push({
      of: unmanaged
        .map(({ name }) => name)
        .slice(0, 3)
        .join(', '),
      kept: 'for ever',
    });
  const used = new Set(names.flatMap(({ policy }) => (typeof policy === 'string' ? [policy] : [])));
  for (const name of [...used].slice(0, policiesMax)) {
    const read = await json(policies, `/_ilm/policy/${encodeURIComponent(name)}`);
    found.push({ of: `ILM ${name}`, kept: keptFor(read[name]?.policy.phases.delete?.min_age) });
  }
  return found;
}

async function ofOpenSearch(index: string, { json }: ProgramClient): Promise<readonly Retention[]> {
  const explained = Object.entries(await json(managed, `/_plugins/_ism/explain/${index}`));
  const found: Retention[] = [];
  const used = new Set<string>();
  for (const [name, one] of explained) {
    if (typeof one !== 'object' || one === null) continue;
    const policy = (one as Record<string, unknown>)['index.plugins.index_state_management.policy_id'];
    if (typeof policy === 'string') used.add(policy);
    else found.push({ of: name, kept: 'for ever' });
  }
  for (const name of [...used].slice(0, policiesMax)) {
    const { states } = (await json(statePolicy, `/_plugins/_ism/policies/${encodeURIComponent(name)}`)).policy;
    const deleting = new Set(states.filter(({ actions }) => actions.some((one) => 'delete' in one)).map((state) => state.name));
    const ages = states
      .flatMap(({ transitions }) => transitions)
      .filter(({ state_name: to }) => deleting.has(to))
      .map(({ conditions }) => keptFor(conditions?.min_index_age));
    found.push({ of: `ISM ${name}`, kept: deleting.size === 0 ? 'for ever' : shortest(ages) });
  }
  return found;
}

function keptFor(age: string | undefined): Kept {
  if (age === undefined) return 'for ever';
  const ms = longDurationMs(age);
  return ms === null ? 'unknown' : { ms, said: age };
}

/** Deletion by another condition than an age (size, documents) says nothing of time. */
function shortest(ages: readonly Kept[]): Kept {
  const times = ages.flatMap((one) => (typeof one === 'object' ? [one] : []));
  if (times.length === 0 || times.length < ages.length) return 'unknown';
  return times.reduce((least, one) => (one.ms < least.ms ? one : least));
}
