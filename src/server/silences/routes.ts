import type { FastifyRequest } from 'fastify';
import type { Alert } from '../../alerts/types.ts';
import { labelsOf } from '../../incidents/routing/route-tree.ts';
import { type KeptSilence, serviceOfSilence, unknownSilence } from '../../incidents/routing/silence-record.ts';
import { isAbout, type Silence } from '../../incidents/routing/silences.ts';
import { type Silences, unknownAlert } from '../../runtime/alerts/silences.ts';
import { matchersIn, matcherText } from '../../spec/alert-matcher.ts';
import { silenceView } from '../../views/silence-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow, may, originOf } from '../principal.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';
import {
  SilenceAnswer,
  SilenceBody,
  SilenceEndBody,
  SilenceParams,
  SilencePreviewAnswer,
  SilencePreviewQuery,
  SilencesAnswer,
  SilencesQuery,
} from '../schemas/silences.ts';
import { VerbAnswer } from '../schemas/verb.ts';

const tags = ['alerts'];
const untilResolvedMs = 7 * 86_400_000;
/** Alerts that a preview names. */
const previewMax = 100;
/** Alerts that each silence of a list is compared with: a thousand silences in a storm must not hold up a release. */
const comparedMax = 1_000;

/** Refuses who may not keep the alerts still that a silence is about: of one service, or of all of them. */
export function allowSilence(request: FastifyRequest, silence: Pick<Silence, 'matcherSets'>): void {
  allow(request, 'steer', serviceOfSilence(silence), 'silence alerts');
}

/** The silence of that id. Somebody who may not see it is told what they would be told if there was none. */
export function seenSilence(request: FastifyRequest, silences: Silences, id: string): KeptSilence {
  const silence = silences.known(id);
  if (!may(request, 'read', serviceOfSilence(silence))) throw unknownSilence(id);
  return silence;
}

/** Silences: alerts that are known and tell nobody for a while. */
export function silenceRoutes(api: Api, { silences, alerts }: ServerOptions): void {
  const seenAlerts = (request: FastifyRequest): readonly Alert[] =>
    [...alerts.state.open.values()].filter(({ service }) => may(request, 'read', service));
  const isLikeIt = (silence: Parameters<typeof isAbout>[0], alert: Alert): boolean =>
    isAbout(silence, { id: alert.id, labels: labelsOf(alert) });

  /** What is asked for: these matchers, or those of exactly that alert. */
  const asked = (matchers: readonly string[], untilResolved: string | undefined) => {
    const alert = untilResolved === undefined ? null : silences.awaited(untilResolved);
    const given = matchers.flatMap((text) => {
      const read = matchersIn(text);
      return 'problem' in read ? [] : read;
    });
    const untilEnd = { alert, untilResolved: alert?.id ?? null };
    if (given.length > 0 || !alert) return { ...untilEnd, matcherSets: [given] };
    return { ...untilEnd, matcherSets: silences.matchersOf(alert), isAlone: true as const };
  };

  api.get(
    '/silences',
    {
      schema: {
        tags,
        summary: 'Silences, the newest first',
        description: 'Those that may be about any service are for whoever may see all of them.',
        querystring: SilencesQuery,
        response: { 200: SilencesAnswer },
      },
    },
    (request) => {
      const nowMs = Date.now();
      const seen = seenAlerts(request).slice(0, comparedMax);
      const shown = silences.all.toReversed().flatMap((silence) => {
        const view = silenceView(silence, silences.endOfAlert, nowMs);
        const isAsked = request.query.state === 'all' || view.state !== 'expired';
        if (!isAsked || !may(request, 'read', view.service)) return [];
        return [{ ...view, alerts: view.state === 'active' ? seen.filter((one) => isLikeIt(silence, one)).length : 0 }];
      });
      return { silences: shown };
    },
  );

  api.get(
    '/silences/preview',
    {
      schema: {
        tags,
        summary: 'Which open alerts a silence would keep still now; nothing is set',
        querystring: SilencePreviewQuery,
        response: { 200: SilencePreviewAnswer },
      },
    },
    (request) => {
      const { matcher, untilResolved } = request.query;
      const { alert, ...silence } = asked(matcher, untilResolved);
      const { matcherSets } = silence;
      // Somebody who may not see it is told what they would be told if there was none.
      if (alert && !may(request, 'read', alert.service)) throw unknownAlert(untilResolved ?? '');
      const found = seenAlerts(request).filter((one) => isLikeIt(silence, one));
      return {
        matchers: matcherSets.map((matchers) => matchers.map(matcherText)),
        service: serviceOfSilence({ matcherSets }),
        alerts: found
          .slice(0, previewMax)
          .map(({ id, name, service, urgency, state, said }) => ({ id, name, service, urgency, state, said })),
        count: found.length,
      };
    },
  );

  api.post(
    '/silences',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Keeps alerts still for a time, or until one of them is over',
        headers: IdempotencyHeaders,
        body: SilenceBody,
        response: { 201: SilenceAnswer },
      },
    },
    async (request, reply) => {
      const { matchers, for: forMs, startsAtMs = Date.now(), untilResolved, comment, by } = request.body;
      const { alert: _, ...silence } = asked(matchers, untilResolved);
      allowSilence(request, silence);
      const id = await silences.set({
        id: null,
        ...silence,
        startsAtMs,
        endsAtMs: startsAtMs + (forMs ?? untilResolvedMs),
        by: actorOf(request, by),
        comment,
        from: originOf(request),
      });
      return reply.status(201).send(silenceView(silences.known(id), silences.endOfAlert, Date.now()));
    },
  );

  api.post(
    '/silences/:id/end',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Ends a silence',
        params: SilenceParams,
        headers: IdempotencyHeaders,
        body: SilenceEndBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { why, by } = request.body;
      allowSilence(request, seenSilence(request, silences, id));
      const done = await silences.end(id, actorOf(request, by), why, originOf(request));
      const said = done
        ? { en: `${id} has ended`, ru: `тишина ${id} закончена` }
        : { en: `${id} was over already`, ru: `тишина ${id} уже закончилась` };
      return { done, said: said[languageOf(request, reply)] };
    },
  );
}
