import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { isLike } from '../../incidents/routing/matching.ts';
import type { KeptSilence } from '../../incidents/routing/silence-record.ts';
import { serviceOfSilence } from '../../incidents/routing/silence-record.ts';
import type { Silences } from '../../runtime/alerts/silences.ts';
import { type AlertMatcher, matchersIn } from '../../spec/alert-matcher.ts';
import { shownState } from '../../views/silence-view.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, may, originOf } from '../principal.ts';
import {
  SilenceParams,
  WireSilence,
  WireSilenceBody,
  WireSilenceSet,
  WireSilencesQuery,
  WireStatus,
} from '../schemas/silences.ts';
import { allowSilence, seenSilence } from './routes.ts';

const tags = ['alerts'];

/** Silences as Alertmanager's API v2 has them, so that amtool and others set them here too. Under `/api/v2`. */
export function alertmanagerSilenceRoutes(api: Api, { silences, version }: Pick<ServerOptions, 'silences' | 'version'>): void {
  const upSinceMs = Date.now();
  api.get(
    '/status',
    {
      schema: {
        tags,
        summary: 'What amtool asks first, as the API v2 of Alertmanager answers it',
        response: { 200: WireStatus },
      },
    },
    () => ({
      cluster: { status: 'disabled' as const },
      config: { original: '' },
      uptime: new Date(upSinceMs).toISOString(),
      versionInfo: { version: `rampart ${version}`, branch: '', buildDate: '', buildUser: '', goVersion: '', revision: '' },
    }),
  );

  api.get(
    '/silences',
    {
      schema: {
        tags,
        summary: 'Silences, as the API v2 of Alertmanager has them',
        querystring: WireSilencesQuery,
        response: { 200: z.array(WireSilence) },
      },
    },
    (request) => {
      const wanted = [request.query.filter ?? []].flat().flatMap(wantedIn);
      return silences.all
        .filter((silence) => may(request, 'read', serviceOfSilence(silence)) && isWanted(silence, wanted))
        .map((silence) => wireSilence(silence, silences));
    },
  );

  api.get(
    '/silence/:id',
    {
      schema: {
        tags,
        summary: 'One silence, as the API v2 of Alertmanager has it',
        params: SilenceParams,
        response: { 200: WireSilence },
      },
    },
    (request) => {
      return wireSilence(seenSilence(request, silences, request.params.id), silences);
    },
  );

  api.post(
    '/silences',
    {
      schema: {
        tags,
        summary: 'Sets or changes a silence, as the API v2 of Alertmanager does',
        body: WireSilenceBody,
        response: { 200: WireSilenceSet },
      },
    },
    async (request) => {
      const { id, matchers, startsAt, endsAt, createdBy, comment } = request.body;
      const set = matchers.map(({ name, value, isRegex, isEqual }): AlertMatcher => {
        return { name, op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=', value };
      });
      allowSilence(request, { matcherSets: [set] });
      const isOwner = request.principal.kind === 'owner' && createdBy !== '';
      const by = actorOf(request, isOwner ? createdBy : undefined);
      const before = id === undefined || id === '' ? null : seenSilence(request, silences, id);
      if (before) allowSilence(request, before);
      const silenceID = await silences.set({
        id: before?.id ?? null,
        matcherSets: [set],
        startsAtMs: Date.parse(startsAt),
        endsAtMs: Date.parse(endsAt),
        untilResolved: before?.untilResolved ?? null,
        ...(before?.isAlone ? { isAlone: true as const } : {}),
        by,
        // Others act under their own name; whose name they gave is worth knowing all the same.
        comment: createdBy === '' || createdBy === by ? comment : `${createdBy}: ${comment}`,
        from: originOf(request),
      });
      return { silenceID };
    },
  );

  api.delete(
    '/silence/:id',
    {
      schema: {
        tags,
        summary: 'Ends a silence, as the API v2 of Alertmanager does',
        params: SilenceParams,
        response: { 200: z.object({}) },
      },
    },
    async (request) => {
      const { id } = request.params;
      allowSilence(request, seenSilence(request, silences, id));
      await silences.end(id, actorOf(request, undefined), '', originOf(request));
      return {};
    },
  );
}

function wantedIn(text: string): readonly AlertMatcher[] {
  const read = matchersIn(text);
  if (!('problem' in read)) return read;
  throw new UserError('E_INPUT', `expected a matcher such as team="payments": ${read.problem}`, {
    where: 'filter',
    fix: 'write it as in a routing document',
  });
}

/** As Alertmanager filters them: by the values that their matchers name. */
function isWanted({ matcherSets }: KeptSilence, wanted: readonly AlertMatcher[]): boolean {
  const all = matcherSets.flat();
  return wanted.every((one) => isLike(one, all.find(({ name }) => name === one.name)?.value ?? ''));
}

function wireSilence(silence: KeptSilence, { endOfAlert }: Silences): z.output<typeof WireSilence> {
  const time = (ms: number): string => new Date(ms).toISOString();
  const { id, matcherSets, startsAtMs, endsAtMs, setAtMs, by, comment } = silence;
  return {
    id,
    status: { state: shownState(silence, endOfAlert, Date.now()) },
    updatedAt: time(setAtMs),
    matchers: (matcherSets[0] ?? []).map(({ name, op, value }) => {
      return { name, value, isRegex: op === '=~' || op === '!~', isEqual: op === '=' || op === '=~' };
    }),
    startsAt: time(startsAtMs),
    endsAt: time(endsAtMs),
    createdBy: by,
    comment,
  };
}
