import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifySerializerCompiler } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { UserError } from '../errors.ts';
import { redactedText } from '../views/redacted.ts';
import { authRoutes } from './access/auth-routes.ts';
import { oidcRoutes } from './access/oidc/routes.ts';
import { accessRoutes } from './access/routes.ts';
import { alertInboundRoute, alertSourceRoutes } from './alert-sources/routes.ts';
import { askToSendAgain, postedAlertsRoute, takeBasicAuth, webhookRoute } from './alertmanager/intake-routes.ts';
import { alertmanagerRoutes } from './alertmanager/status-routes.ts';
import { auditRoutes } from './audit.ts';
import { consoleFiles } from './console-files.ts';
import { controllerRoutes, schemaRoute } from './controller.ts';
import { demoRoutes } from './demo.ts';
import { entityTags } from './etag.ts';
import { ofrepRoutes } from './flags/ofrep.ts';
import { flagResultsRoute } from './flags/results.ts';
import { flagRoutes } from './flags/routes.ts';
import { groupRoutes } from './groups.ts';
import { securityHeaders } from './guardrails/headers.ts';
import { refuseBeforeContinue } from './guardrails/large-bodies.ts';
import { ownHostOnly } from './guardrails/own-host.ts';
import { countRates, limitRates, ofAlerts, ofEvaluations } from './guardrails/rate-limits.ts';
import { idempotencyKeys } from './idempotency/hook.ts';
import { incidentSetupRoutes } from './incident-setup/routes.ts';
import { narrationRoutes } from './incidents/narration-routes.ts';
import { postMortemRoutes } from './incidents/post-mortem-routes.ts';
import { incidentRoutes } from './incidents/routes.ts';
import { routingRoutes } from './incidents/routing-routes.ts';
import { runbookRoutes } from './incidents/runbook-routes.ts';
import { ControllerMetrics } from './metrics/metrics.ts';
import { metricsRoute } from './metrics/route.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { inboundRoute, takeRawBody } from './notifications/inbound-route.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { objectiveRoutes } from './objectives/routes.ts';
import { sloRoutes } from './objectives/slos.ts';
import { onCallRoutes } from './on-call/routes.ts';
import { describeApi, describeProblems } from './openapi.ts';
import type { SendingLimits, ServerOptions } from './options.ts';
import { overviewRoute } from './overview.ts';
import { knowPrincipals, requirePrincipal } from './principal.ts';
import { problemOf } from './problem.ts';
import { incidentEvents } from './read-model/incident-list.ts';
import { readinessClaimRoutes } from './readiness/claims.ts';
import { readinessRoutes } from './readiness/routes.ts';
import { releaseListRoutes } from './release-list.ts';
import { releaseRoutes } from './releases.ts';
import { serviceRoutes } from './services.ts';
import { settingsRoutes } from './settings/routes.ts';
import { signalRoutes } from './signals.ts';
import { alertmanagerSilenceRoutes } from './silences/alertmanager-routes.ts';
import { silenceRoutes } from './silences/routes.ts';
import { statusPageRoutes } from './status/page-routes.ts';
import { statusPostRoutes } from './status/post-routes.ts';
import { subscriberRoutes } from './status/subscriber-routes.ts';
import { statusWorkRoutes } from './status/work-routes.ts';
import { StreamHub } from './stream/hub.ts';
import { streamRoute } from './stream/route.ts';
import { timelineRoutes } from './timeline/routes.ts';
import { TooMany } from './too-many.ts';
import { validatorCompiler } from './validation.ts';

/** With these nobody who sends slowly can hold the controller up. */
export const sendingLimits: SendingLimits = { requestMs: 30_000, headMs: 10_000, lookMs: 2_000 };

/** Largest body, longest part of a path, most connections: neither can whoever sends much. */
const bodyMaxBytes = 2_097_152;
/** What is sent beyond that is read and dropped up to here, so that whoever still sends it sees the answer. */
const droppedMaxBytes = 8 * 1_048_576;
const parameterMaxLength = 1_000;
const connectionsMax = 5_000;

/**
 * The HTTP API over one controller. Everything under `/api/v1` but its description, under `/api/v2` and under `/ofrep/v1`, needs a credential; `/health`, `/ready`, `/docs` and
 * sign-in do not. Errors are problem details (RFC 9457) in the words of the CLI.
 */
export function apiServer(options: ServerOptions): FastifyInstance {
  const { settings, sending = sendingLimits } = options;
  const answerError = (error: unknown, reply: FastifyReply): FastifyReply => {
    const problem = refusalOf(error) ?? problemOf(error);
    if (problem.status >= 500 && !(error instanceof UserError))
      options.warn(redactedText(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    if (error instanceof TooMany) void reply.header('retry-after', error.retryAfterS);
    // Closed while something is still unread, the system throws the answer away. Left open, Node reads the rest once it has answered.
    if (problem.status === 413 && Number(reply.request.headers['content-length']) <= droppedMaxBytes)
      void reply.removeHeader('connection');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="rampart"');
    return (
      reply
        .status(problem.status)
        .type('application/problem+json')
        // A route may have promised another language before it failed.
        .header('content-language', 'en')
        .send(JSON.stringify({ ...problem, title: redactedText(problem.title) }))
    );
  };
  const app = Fastify({
    requestTimeout: sending.requestMs,
    http: { headersTimeout: sending.headMs, connectionsCheckingInterval: sending.lookMs },
    ...(settings.trustProxy.length === 0 ? {} : { trustProxy: [...settings.trustProxy] }),
    bodyLimit: bodyMaxBytes,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: parameterMaxLength },
    // What cannot even be a path is refused before any scope has a say.
    frameworkErrors: (error, _request, reply) => void answerError(error, reply),
  });
  app.server.maxConnections = connectionsMax;
  refuseBeforeContinue(app, (path, length) => path.startsWith('/inbound/') && length > bodyMaxBytes);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(options.checkAnswers ? (serializerCompiler as FastifySerializerCompiler<unknown>) : asItIs);
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  const page = consoleFiles(app);
  app.setNotFoundHandler((request, reply) => {
    const sent = page(request, reply);
    if (sent) return sent;
    throw unknownPath(request);
  });
  securityHeaders(app, settings);
  const publicHosts = settings.publicUrl === null ? [] : [new URL(settings.publicUrl).hostname];
  ownHostOnly(app, [...publicHosts, options.listenHost.toLowerCase()]);
  countRates(app);
  knowPrincipals(app);
  describeApi(app, options.version);
  const hub = new StreamHub({
    ...options,
    current: (principal) => options.access.authenticator.current(principal),
    signalsOf: (service) => options.signals.signals(service, Date.now()),
    gaugesOf: (service) => options.signals.gauges(service, Date.now()),
    incidentEvents: async (id, afterSeq, limit) => {
      await options.views.caughtUp;
      return await incidentEvents(options.views, options.log, id, afterSeq, limit);
    },
    max: settings.streams.max,
  });
  app.addHook('preClose', async () => hub.close());
  const metrics = new ControllerMetrics({ ...options, streamsOpen: () => hub.size });
  app.addHook('onClose', async () => metrics.close());
  metrics.count(app);
  const services = new ServiceMetrics(options);
  app.addHook('onClose', async () => services.close());
  app.register(async (scope) =>
    metricsRoute(scope.withTypeProvider<ZodTypeProvider>(), metrics, services, options.authenticator),
  );
  statusPageRoutes(app, options);
  app.register(async (scope) => controllerRoutes(scope.withTypeProvider<ZodTypeProvider>(), options));
  app.register(
    async (scope) => {
      const { access, oidc } = options;
      const authenticator = limitRates(scope, settings, options.authenticator);
      const other = oidc && { name: oidc.settings.name, url: '/auth/oidc' };
      authRoutes(scope.withTypeProvider<ZodTypeProvider>(), access, authenticator, other);
      if (oidc) oidcRoutes(scope.withTypeProvider<ZodTypeProvider>(), access, oidc);
    },
    { prefix: '/auth' },
  );
  app.register(
    async (scope) => {
      requirePrincipal(scope, limitRates(scope, ofEvaluations(settings), options.authenticator));
      ofrepRoutes(scope.withTypeProvider<ZodTypeProvider>(), options.flags);
    },
    { prefix: '/ofrep/v1' },
  );
  app.register(
    async (scope) => {
      requirePrincipal(scope, limitRates(scope, ofEvaluations(settings), options.authenticator));
      flagResultsRoute(scope.withTypeProvider<ZodTypeProvider>(), options.flags);
    },
    { prefix: '/api/v1' },
  );
  app.register(
    async (scope) => {
      limitRates(scope, settings, options.authenticator);
      takeRawBody(scope);
      inboundRoute(scope.withTypeProvider<ZodTypeProvider>(), options);
    },
    { prefix: '/inbound' },
  );
  app.register(async (scope) => alertInboundRoute(scope.withTypeProvider<ZodTypeProvider>(), options), {
    prefix: '/inbound/alerts',
  });
  for (const [prefix, route] of [
    ['/api/v1', webhookRoute],
    ['/api/v2', postedAlertsRoute],
  ] as const)
    app.register(
      async (scope) => {
        const api = scope.withTypeProvider<ZodTypeProvider>();
        takeBasicAuth(api);
        askToSendAgain(api);
        describeProblems(scope);
        requirePrincipal(scope, limitRates(scope, ofAlerts(settings), options.authenticator));
        route(api, options.alertIntake);
      },
      { prefix },
    );
  app.register(
    async (scope) => {
      const api = scope.withTypeProvider<ZodTypeProvider>();
      takeBasicAuth(api);
      describeProblems(scope);
      requirePrincipal(scope, limitRates(scope, settings, options.authenticator));
      alertmanagerSilenceRoutes(api, options);
    },
    { prefix: '/api/v2' },
  );
  app.register(
    async (scope) => {
      const api = scope.withTypeProvider<ZodTypeProvider>();
      describeProblems(scope);
      requirePrincipal(scope, limitRates(scope, settings, options.authenticator));
      // In this scope, so that nobody learns without a credential what there is and what there is not.
      scope.setNotFoundHandler((request) => {
        throw unknownPath(request);
      });
      entityTags(scope);
      idempotencyKeys(scope, options.answers, options.warn);
      scope.get('/openapi.json', { schema: { hide: true }, config: { open: true } }, () => app.swagger());
      overviewRoute(api, options);
      serviceRoutes(api, options);
      signalRoutes(api, options);
      releaseRoutes(api, options);
      groupRoutes(api, options);
      timelineRoutes(api, options);
      statusPostRoutes(api, options);
      statusWorkRoutes(api, options);
      subscriberRoutes(api, options);
      incidentRoutes(api, options);
      runbookRoutes(api, options);
      postMortemRoutes(api, options);
      narrationRoutes(api, options);
      objectiveRoutes(api, options);
      sloRoutes(api, options);
      readinessRoutes(api, options);
      readinessClaimRoutes(api, options);
      releaseListRoutes(api, options);
      auditRoutes(api, options);
      silenceRoutes(api, options);
      alertmanagerRoutes(api, options);
      alertSourceRoutes(api, options);
      incidentSetupRoutes(api, options);
      routingRoutes(api, options);
      onCallRoutes(api, options);
      notificationRoutes(api, options);
      flagRoutes(api, options.flags, options.controller);
      accessRoutes(api, options.access);
      streamRoute(api, options, hub);
      settingsRoutes(api, options);
      demoRoutes(api, options);
      schemaRoute(api);
    },
    { prefix: '/api/v1' },
  );
  return app;
}

function unknownPath({ url }: FastifyRequest): UserError {
  return new UserError('E_UNKNOWN_PATH', `there is nothing at ${url.slice(0, 200)}`, {
    where: 'request',
    fix: 'see the paths of the API at /docs',
  });
}

/** The views have the types of their schemas (`schemas/answer.ts`), so that an answer need not be checked while it is made. */
const asItIs: FastifySerializerCompiler<unknown> = () => (answer) => JSON.stringify(answer);

/** Fastify's own refusals (no JSON, too large) are about the request; everything else that is not ours is our mistake. */
function refusalOf(error: unknown) {
  if (error instanceof UserError || !(error instanceof Error) || !('statusCode' in error)) return null;
  const { statusCode } = error;
  if (typeof statusCode !== 'number' || statusCode >= 500) return null;
  return {
    ...problemOf(error),
    status: statusCode,
    title: error.message,
    code: 'E_INPUT',
    where: 'request',
    fix: statusCode === 413 ? 'send less at once, in several requests' : 'send JSON as the API asks for',
  };
}
