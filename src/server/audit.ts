import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { exportLines } from '../runtime/log-export.ts';
import type { ChainReport, LoggedEvent } from '../stores/log.ts';
import type { Api } from './api.ts';
import type { ServerOptions } from './options.ts';
import { allow, may, type Principal } from './principal.ts';
import { listAudit } from './read-model/audit-list.ts';
import { AuditAnswer, AuditQuery, ChainAnswer, ExportedAnswer, ExportQuery } from './schemas/audit.ts';
import { allowFilter, servicesSeen } from './sight.ts';
import { TooMany } from './too-many.ts';

const tags = ['audit'];

/** Exports at once: each reads the whole log. One credential has all but one of them at most, so that a place is left for others. */
const exportsMax = 3;
/** One of which nothing is taken for so long is cut off, as a live view is. */
const stalledMaxMs = 30_000;

/** Who did what, when, from where and why, and whether the record of it is whole. */
export function auditRoutes(api: Api, { controller, log, views }: ServerOptions): void {
  let walking: Promise<ChainReport> | null = null;
  const exporting = new Set<Principal>();

  api.get(
    '/audit',
    {
      schema: {
        tags,
        summary: 'Who did what, newest first',
        description:
          'Requests and verbs of the services that one may see, groups and flags for whoever sees all of them; sign-ins, users, tokens and settings for whoever may administer them.',
        querystring: AuditQuery,
        response: { 200: AuditAnswer },
      },
    },
    async (request) => {
      allowFilter(request, controller, request.query.service);
      const sight = { services: servicesSeen(request), access: may(request, 'administer', null) };
      const { entries, next } = await listAudit(views, log, request.query, sight);
      return { entries: [...entries], next };
    },
  );

  api.get(
    '/audit/verify',
    {
      schema: {
        tags,
        summary: 'Walks the hash chain of the log, and names its first broken link',
        response: { 200: ChainAnswer },
      },
    },
    async (request) => {
      allow(request, 'read', null);
      // Those who ask while somebody's walk is under way share it.
      walking ??= log.verify().finally(() => {
        walking = null;
      });
      return await walking;
    },
  );

  api.get(
    '/audit/export',
    {
      schema: {
        tags,
        summary: 'Every record as a line of JSON, with all that is needed to verify it elsewhere',
        description:
          'Oldest first; see docs/guides/audit.md for how to verify it. Secrets are hidden, and records out of which one was left say so.',
        querystring: ExportQuery,
        response: { 200: { description: 'Records.', content: { 'application/x-ndjson': { schema: ExportedAnswer } } } },
      },
    },
    (request, reply) => {
      const { service, after } = request.query;
      if (service === undefined) allow(request, 'read', null);
      allowFilter(request, controller, service);
      const place = { ...request.principal };
      const own = [...exporting].filter(({ kind, credential }) => kind === place.kind && credential === place.credential);
      if (exporting.size >= exportsMax || own.length >= exportsMax - 1)
        throw new TooMany(`${exporting.size} exports are under way already`, 'audit', 10);
      const seesAccess = may(request, 'administer', null);
      const isWanted = ({ stream, at }: LoggedEvent): boolean =>
        at >= after &&
        (service === undefined
          ? seesAccess || stream === 'flags' || stream.startsWith('service/') || stream.startsWith('group/')
          : stream === `service/${service}`);
      const lines = Readable.from(exportLines(log, isWanted), { highWaterMark: 1 });
      exporting.add(place);
      const stopLooking = cutWhenStalled(lines, reply.raw, stalledMaxMs);
      lines.once('close', () => {
        stopLooking();
        exporting.delete(place);
      });
      void reply.header('cache-control', 'no-store').type('application/x-ndjson');
      // A stream of what the schema describes, line by line.
      return lines as unknown as z.output<typeof ExportedAnswer>;
    },
  );
}

/**
 * Ends what is sent to a client that takes nothing. Answers how to stop looking.
 *
 * @param maxMs - How long nothing may have been taken.
 */
export function cutWhenStalled(lines: Readable, { socket }: ServerResponse, maxMs: number): () => void {
  let takenBytes = -1;
  const timer = setInterval(() => {
    const waiting = socket?.writableLength ?? 0;
    const taken = (socket?.bytesWritten ?? 0) - waiting;
    if (waiting > 0 && taken === takenBytes) lines.destroy(new Error('nothing of it was taken for too long'));
    takenBytes = taken;
  }, maxMs);
  timer.unref();
  return () => clearInterval(timer);
}
