import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { canSomewhere } from '../../access/can.ts';
import { UserError } from '../../errors.ts';
import { calendarText } from '../../incidents/on-call/calendar-text.ts';
import { findings } from '../../incidents/on-call/findings.ts';
import { nearest } from '../../spec/nearest.ts';
import { textIn } from '../../spec/text.ts';
import { escalationView, onCallView } from '../../views/on-call-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf } from '../principal.ts';
import {
  CalendarQuery,
  CancelBody,
  EscalateAnswer,
  EscalateQuery,
  FindingsAnswer,
  FindingsQuery,
  OnCallAnswer,
  OnCallQuery,
  OverrideBody,
  OverrideParams,
  StandingAnswer,
} from '../schemas/on-call.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';

const tags = ['on-call'];
const dayMs = 86_400_000;

/** Who is on call: names, and no numbers, for everybody who may see some service. */
export function onCallRoutes(api: Api, { onCall }: ServerOptions): void {
  const schedulesOf = (name: string | undefined) => {
    const { schedules } = onCall.setup;
    if (name === undefined) return schedules;
    const found = schedules.filter((schedule) => schedule.name === name);
    if (found.length === 0) throw unknown('schedule', name, schedules);
    return found;
  };
  const checkPerson = (name: string | null): void => {
    const { people } = onCall.setup;
    if (name !== null && !people.some((one) => one.name === name)) throw unknown('person', name, people);
  };

  api.get(
    '/on-call',
    {
      schema: { tags, summary: 'Who is on call, now or at a moment', querystring: OnCallQuery, response: { 200: OnCallAnswer } },
    },
    (request) => {
      allowSeeing(request);
      const { at = Date.now(), days, schedule, person = null } = request.query;
      checkPerson(person);
      const views = schedulesOf(schedule).map((one) => {
        const view = onCallView(one, onCall.setup.people, at, days);
        return { ...view, shifts: view.shifts.filter((shift) => person === null || shift.person === person) };
      });
      return { schedules: views, overrides: [...onCall.standing] };
    },
  );

  api.get(
    '/on-call/calendar.ics',
    {
      schema: {
        tags,
        summary: 'The shifts as an iCalendar (RFC 5545)',
        querystring: CalendarQuery,
        response: { 200: { description: 'The calendar.', content: { 'text/calendar': { schema: z.string() } } } },
      },
    },
    async (request, reply) => {
      allowSeeing(request);
      const { at: fromMs = Date.now(), days, schedule, person = null } = request.query;
      const { people } = onCall.setup;
      checkPerson(person);
      const asked = { schedules: schedulesOf(schedule), people, person, fromMs, untilMs: fromMs + days * dayMs };
      const text = calendarText({ ...asked, nowMs: Date.now(), language: languageOf(request, reply) });
      return reply.type('text/calendar; charset=utf-8').send(text);
    },
  );

  api.get(
    '/on-call/findings',
    {
      schema: {
        tags,
        summary: 'Times in which nobody is on call, people whom nothing reaches, steps that tell nobody',
        querystring: FindingsQuery,
        response: { 200: FindingsAnswer },
      },
    },
    (request, reply) => {
      allowSeeing(request);
      const { at = Date.now(), days } = request.query;
      const language = languageOf(request, reply);
      const { schedules, policies } = onCall.setup;
      const found = findings(onCall.setup, at, at + days * dayMs);
      return {
        findings: found.map(({ text, ...one }) => ({ ...one, text: textIn(text, language) })),
        schedules: schedules.map(({ name }) => name),
        policies: policies.map(({ name }) => name),
      };
    },
  );

  api.get(
    '/on-call/escalate',
    {
      schema: {
        tags,
        summary: 'Who would be told of an incident that nobody answers, and when',
        querystring: EscalateQuery,
        response: { 200: EscalateAnswer },
      },
    },
    (request) => {
      allowSeeing(request);
      const { at = Date.now(), policy: wanted, severity } = request.query;
      const { policies } = onCall.setup;
      const policy = policies.find(({ name }) => name === wanted);
      if (!policy) throw unknown('policy', wanted, policies);
      // Names and ways, and no numbers: those are for whoever may change the setup.
      return escalationView(policy, severity, at, onCall.setup, false);
    },
  );

  api.post(
    '/on-call/overrides',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Lets somebody be on call for a time, or two people swap their times',
        headers: IdempotencyHeaders,
        body: OverrideBody,
        response: { 201: StandingAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'steer', null, 'change who is on call');
      const { schedule, times, by, why } = request.body;
      const made = await onCall.override({ schedule, times }, { ...askerOf(request, by), why });
      return reply.status(201).send(made);
    },
  );

  api.post(
    '/on-call/overrides/:id/cancel',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Takes an override or a swap back',
        headers: IdempotencyHeaders,
        params: OverrideParams,
        body: CancelBody,
        response: { 200: OnCallAnswer },
      },
    },
    async (request) => {
      allow(request, 'steer', null, 'change who is on call');
      const { by, why } = request.body;
      await onCall.cancel(request.params.id, { ...askerOf(request, by), why });
      const views = schedulesOf(undefined).map((one) => onCallView(one, onCall.setup.people, Date.now(), 0));
      return { schedules: views, overrides: [...onCall.standing] };
    },
  );
}

/** Whoever may see something has to know whom to call; who may see nothing is told so. */
function allowSeeing(request: FastifyRequest): void {
  if (!canSomewhere(request.principal.grants, 'read')) allow(request, 'read', null, 'see who is on call');
}

const documentsOf = {
  schedule: { kind: 'Schedule', called: 'schedule', code: 'E_UNKNOWN_SCHEDULE' },
  person: { kind: 'Person', called: 'person', code: 'E_UNKNOWN_PERSON' },
  policy: { kind: 'EscalationPolicy', called: 'escalation policy', code: 'E_UNKNOWN_POLICY' },
} as const;

/** @param what - The parameter of the query that names it. */
function unknown(what: keyof typeof documentsOf, wanted: string, known: readonly { readonly name: string }[]): UserError {
  const { kind, called, code } = documentsOf[what];
  const names = known.map(({ name }) => name);
  const near = nearest(wanted, names);
  const fix =
    names.length === 0
      ? `put ${kind} documents into force with \`rampart incidents apply FILE…\``
      : `known: ${names.slice(0, 20).join(', ')}`;
  return new UserError(code, `there is no ${called} ${wanted}`, {
    where: what,
    fix: near === undefined ? fix : `did you mean ${near}?`,
  });
}
