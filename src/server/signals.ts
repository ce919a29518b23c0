import { UserError } from '../errors.ts';
import { systemClock, within } from '../runtime/clock.ts';
import { unknownService } from '../runtime/refusals.ts';
import { redacted, redactedLines } from '../views/redacted.ts';
import { signalAssessment } from '../views/signal-view.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { allow } from './principal.ts';
import { ServiceParams } from './schemas/requests.ts';
import {
  ConfigurationAnswer,
  InstanceLogAnswer,
  InstanceParams,
  LinesQuery,
  SignalsAnswer,
  SignalsQuery,
} from './schemas/signals.ts';

const tags = ['services'];

/** Longest wait for the output of an instance. */
const outputTimeoutMs = 5_000;

/** What somebody who looks at one service wants to know beside its state: its golden signals, its document, its instances' output. */
export function signalRoutes(api: Api, { controller, signals }: ServerOptions): void {
  api.get(
    '/services/:name/signals',
    {
      schema: {
        tags,
        summary: 'Golden signals of a service: against their levels, and over time',
        params: ServiceParams,
        querystring: SignalsQuery,
        response: { 200: SignalsAnswer },
      },
    },
    (request, reply) => {
      const language = languageOf(request, reply);
      const nowMs = Date.now();
      const { name } = request.params;
      const { every, after } = request.query;
      allow(request, 'read', name);
      const state = known(name);
      const { live, ended } = state;
      const releases = [...ended, ...(live ? [live] : [])]
        .map(({ id, version, requestedAtMs, phase }) => ({
          id,
          version,
          fromMs: requestedAtMs,
          toMs: phase.kind === 'ended' ? phase.atMs : null,
          outcome: phase.kind === 'ended' ? phase.outcome : null,
        }))
        .filter(({ toMs }) => toMs === null || toMs > after * 1_000)
        .toSorted((a, b) => a.fromMs - b.fromMs);
      const now = {
        signals: signals.signals(name, nowMs),
        gauges: signals.gauges(name, nowMs),
        traffic: signals.traffic(name, nowMs),
      };
      const assessment = signalAssessment(state, now, nowMs, language);
      return { nowMs, assessment, every, points: [...signals.points(name, every, after, nowMs)], releases };
    },
  );

  api.get(
    '/services/:name/configuration',
    {
      schema: {
        tags,
        summary: 'The document in force, without secrets',
        params: ServiceParams,
        response: { 200: ConfigurationAnswer },
      },
    },
    (request) => {
      const { name } = request.params;
      allow(request, 'read', name);
      const { stable, live } = known(name);
      if (stable) return { document: documentOf(stable.spec), version: stable.version, release: stable.release };
      if (live) return { document: documentOf(live.spec), version: live.version, release: live.id };
      throw new UserError('E_UNKNOWN_SERVICE', `${name} has no version, and so no document`, {
        where: 'service',
        fix: 'release a version of it first',
      });
    },
  );

  api.get(
    '/services/:name/instances/:id/log',
    {
      schema: {
        tags,
        summary: 'The last lines that an instance has written',
        description: 'Also of an instance that has ended, while its output is kept. The id is URL-encoded: `shop%2F1.1.0%2F0`.',
        params: InstanceParams,
        querystring: LinesQuery,
        response: { 200: InstanceLogAnswer },
      },
    },
    async (request) => {
      const { name, id } = request.params;
      allow(request, 'read', name);
      known(name);
      const agent = controller.agent(name);
      const target = agent?.ports?.target;
      if (!target?.output) return { lines: [] };
      const { output } = target;
      const lines = await within(systemClock, outputTimeoutMs, 'the target', new AbortController().signal, (signal) =>
        output.call(target, name, id, request.query.lines, signal),
      );
      return { lines: redactedLines(lines, agent?.secrets) };
    },
  );

  function known(name: string) {
    const state = controller.service(name);
    if (!state) throw unknownService(name);
    return state;
  }
}

function documentOf(spec: object): Record<string, unknown> {
  // What the core works with, in the form of JSON: without what has no value.
  return redacted(JSON.parse(JSON.stringify(spec))) as Record<string, unknown>;
}
