import type { FastifyRequest } from 'fastify';
import { canSomewhere } from '../../access/can.ts';
import type { Reception } from '../../alerts/receive.ts';
import type { Via, WireAlert } from '../../alerts/told.ts';
import { UserError } from '../../errors.ts';
import type { AlertIntake } from '../../runtime/alerts/alert-intake.ts';
import type { Api } from '../api.ts';
import { allow, may } from '../principal.ts';
import { AlertsTakenAnswer, PostedAlertsBody, WebhookBody } from '../schemas/alertmanager.ts';
import { TooMany } from '../too-many.ts';

const tags = ['alerts'];
const understood = '4';
/** Problems that are told one by one. */
const toldMax = 5;

/** The webhook of Alertmanager, under `/api/v1`. */
export function webhookRoute(scope: Api, intake: AlertIntake): void {
  scope.post(
    '/alertmanager/webhook',
    {
      schema: {
        tags,
        summary: 'Takes alerts in from `webhook_configs` of an Alertmanager',
        description: 'With a token of the role reporter, as bearer or as the password of basic auth. Safe to repeat.',
        body: WebhookBody,
        response: { 200: AlertsTakenAnswer },
      },
    },
    async (request) => {
      const { version, alerts, truncatedAlerts } = request.body;
      if (version !== understood)
        throw new UserError('E_INPUT', `this is version ${version.slice(0, 20)} of the webhook of Alertmanager`, {
          where: 'version',
          fix: `send version "${understood}"`,
        });
      return await taken(request, intake, alerts, 'webhook', truncatedAlerts ?? 0);
    },
  );
}

/** Alerts as Prometheus sends them to whatever `alerting.alertmanagers` names, under `/api/v2`. */
export function postedAlertsRoute(scope: Api, intake: AlertIntake): void {
  scope.post(
    '/alerts',
    {
      schema: {
        tags,
        summary: 'Takes alerts in from Prometheus, as the API v2 of Alertmanager does',
        description:
          'With a token of the role reporter, as bearer or as the password of basic auth. An alert lasts until its endsAt; who sends it repeats it before that.',
        body: PostedAlertsBody,
        response: { 200: AlertsTakenAnswer },
      },
    },
    async (request) => await taken(request, intake, request.body, 'api', 0),
  );
}

/** Whoever sends too much is told to come again later: to Alertmanager a 429 is final, and its alerts would be lost. */
export function askToSendAgain(scope: Api): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof UserError) || error.code !== 'E_TOO_MANY') throw error;
    if (error instanceof TooMany) void reply.header('retry-after', error.retryAfterS);
    throw new UserError('E_ALERTS_FULL', error.message, { where: error.where, fix: error.fix, cause: error });
  });
}

/** Programs that can send no bearer token send basic auth: its password is the token, its name may be any. */
export function takeBasicAuth(scope: Api): void {
  scope.addHook('onRequest', async ({ headers }) => {
    const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,2000})$/i.exec(headers.authorization ?? '') ?? [];
    if (encoded === undefined) return;
    const credentials = Buffer.from(encoded, 'base64').toString('utf8');
    const token = credentials.slice(credentials.indexOf(':') + 1);
    headers.authorization = `Bearer ${token}`;
  });
}

async function taken(request: FastifyRequest, intake: AlertIntake, alerts: readonly WireAlert[], via: Via, truncated: number) {
  // Before any work is done for them.
  if (!canSomewhere(request.principal.grants, 'report')) allow(request, 'report', null, 'report alerts');
  const reception = await intake.take({
    alerts,
    via,
    actor: request.principal.name,
    may: (service) => may(request, 'report', service),
    truncated,
  });
  refuse(reception, request, intake.max);
  return { ...reception.counts, truncated, notes: [...reception.notes] };
}

/** The others of the message are taken all the same; a sender can do nothing about one but hear of it. */
function refuse({ refused: { wrong, forbidden, full } }: Reception, { principal }: FastifyRequest, max: number): void {
  if (full > 0)
    throw new UserError('E_ALERTS_FULL', `${countText(full)} not taken: ${max} of other programs are open at most`, {
      where: 'alerts',
      fix: 'group and filter them before they are sent, or raise receivedAlerts.max of the Controller document',
    });
  if (forbidden.length > 0)
    throw new UserError('E_FORBIDDEN', `${principal.kind} ${principal.name} may not report alerts: ${listed(forbidden)}`, {
      where: principal.kind,
      fix: 'ask an admin for the role reporter of their services, or of all for alerts that name none',
    });
  if (wrong.length > 0)
    throw new UserError('E_INPUT', `${countText(wrong.length)} not taken: ${listed(wrong)}`, {
      where: 'alerts',
      fix: 'send these alerts within the bounds of docs/guides/alertmanager.md',
    });
}

function listed(problems: readonly string[]): string {
  const more = problems.length - toldMax;
  return `${problems.slice(0, toldMax).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function countText(count: number): string {
  return count === 1 ? '1 alert was' : `${count} alerts were`;
}
