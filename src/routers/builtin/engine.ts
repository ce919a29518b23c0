import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Counters, type Edges, type Slot } from '../counters.ts';
import type { Backend, Route } from '../router.ts';
import { ClientConnection } from './client-connection.ts';
import { Endpoint } from './endpoint.ts';
import { EndpointCounters, type EndpointSlot } from './endpoint-counters.ts';
import { answerByRouter, Exchange, type ExchangeRules } from './exchange.ts';
import { Target } from './forwarding.ts';
import { cookieValue, type Matcher, matcherOf } from './match.ts';
import { type RequestHead, requestHead } from './request-head.ts';
import type { BuiltinConfig } from './schema.ts';
import { bucketFor, bucketsMax, cutOf, EvenChoice, idOnSide, seedOf } from './split.ts';
import { Tunnel, writeRefusal } from './tunnel.ts';
import type { Clock, UpstreamConnection, UpstreamRules } from './upstream.ts';

export type EngineSettings = {
  readonly service: string;
  readonly config: BuiltinConfig;
  readonly edgesMs: readonly number[];
};

/** A route to serve, and for how long the candidate may have traffic without another word (milliseconds, null: for ever). */
export type RouteOrder = { readonly route: Route; readonly leaseLeftMs: number | null };

/** What an engine hands out now and then: complete seconds, and how things stand. */
export type Report = {
  readonly through: number;
  readonly slots: readonly Slot[];
  /** What users have asked for since the last report. */
  readonly asked: readonly EndpointSlot[];
  /** Requests refused by the router itself since the last report, by status. */
  readonly refused: Readonly<Record<string, number>>;
  readonly inFlight: Readonly<Record<string, number>>;
  readonly connections: number;
  /** Instances that do not take connections, as `version host:port`. */
  readonly down: readonly string[];
};

/** Requests that one client may have under way on one connection before it is cut. */
const pipelinedMax = 64;

type InForce = {
  readonly stable: Target | null;
  readonly candidate: Target | null;
  readonly cut: number;
  readonly matchers: readonly Matcher[];
};

/**
 * Serves requests: one per worker. `node:http` (llhttp) reads the clients, which nobody can trust; the versions are spoken to
 * by `UpstreamConnection`.
 */
export class Engine {
  private readonly settings: EngineSettings;
  private readonly server: http.Server;
  private readonly counters: Counters;
  private readonly asked = new EndpointCounters();
  private readonly clock: Clock = { nowMs: performance.now() };
  private readonly connections = new Set<UpstreamConnection>();
  private readonly tunnels = new Set<Tunnel>();
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly upstreamRules: UpstreamRules;
  private readonly exchangeRules: ExchangeRules;
  private readonly even = new EvenChoice();
  private readonly seed: number;
  private readonly sweep: NodeJS.Timeout;
  private inForce: InForce | null = null;
  private leaseEndsMs = Number.POSITIVE_INFINITY;
  private refusals: Record<string, number> = {};
  private draining = false;
  private clients = 0;

  constructor(settings: EngineSettings) {
    this.settings = settings;
    const { config } = settings;
    this.seed = seedOf(settings.service);
    this.counters = new Counters(settings.edgesMs);
    this.upstreamRules = { timeouts: config.timeouts, clock: this.clock, connections: this.connections };
    this.exchangeRules = {
      maxBody: config.maxBody,
      timeouts: config.timeouts,
      refused: (status) => this.countRefusal(status),
      isDraining: () => this.draining,
    };
    this.server = this.createServer();
    const { connect, response, idle } = config.timeouts;
    this.sweep = setInterval(() => this.expire(), Math.min(100, Math.ceil(Math.min(connect, response, idle) / 4)));
  }

  /** Starts to serve. Rejects with Node's error when the address cannot be had. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, backlog: 1_024 }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    return this.server.address() as AddressInfo;
  }

  /** Puts a route in force for every request that starts from now on. Those under way end where they are. */
  apply(order: RouteOrder): void {
    const { route } = order;
    this.inForce = {
      stable: this.targetOf(route.stable),
      candidate: this.targetOf(route.candidate),
      cut: cutOf(route.weight),
      matchers: route.match.map(matcherOf),
    };
    this.extendLease(order.leaseLeftMs);
    const wanted = new Set([route.stable, route.candidate].flatMap((backend) => backend?.endpoints.map(keyOf) ?? []));
    for (const [key, endpoint] of this.endpoints) {
      if (wanted.has(key)) continue;
      endpoint.retire();
      this.endpoints.delete(key);
    }
  }

  extendLease(leaseLeftMs: number | null): void {
    this.leaseEndsMs = leaseLeftMs === null ? Number.POSITIVE_INFINITY : performance.now() + leaseLeftMs;
  }

  setEdges(edges: Edges): void {
    this.counters.setEdges(edges);
  }

  report(): Report {
    const refused = this.refusals;
    this.refusals = {};
    const targets = [this.inForce?.stable, this.inForce?.candidate].filter((target) => target != null);
    return {
      ...this.counters.flush(Date.now(), new Set(targets.map((target) => target.version))),
      asked: this.asked.flush(),
      refused,
      inFlight: Object.fromEntries(targets.map((target) => [target.version, target.counters.inFlight])),
      connections: this.clients,
      down: targets.flatMap((target) =>
        target.endpoints
          .filter((endpoint) => !endpoint.isHealthy)
          .map((endpoint) => `${target.version} ${endpoint.host}:${endpoint.port}`),
      ),
    };
  }

  /** Takes no more connections, lets running requests end, and cuts what is left at the deadline. */
  async drain(withinMs: number): Promise<void> {
    this.draining = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const cut = setTimeout(() => {
      this.server.closeAllConnections();
      for (const tunnel of this.tunnels) tunnel.cut();
    }, withinMs);
    await closed;
    clearTimeout(cut);
    clearInterval(this.sweep);
    for (const connection of [...this.connections]) connection.destroy();
  }

  private createServer(): http.Server {
    const { timeouts, maxHeader } = this.settings.config;
    const server = http.createServer({
      insecureHTTPParser: false,
      requireHostHeader: false, // requestHead does, so that it is counted.
      maxHeaderSize: maxHeader,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, timeouts.headers / 4)),
      // No limit for a whole request: a long upload is fine while it moves, and silence has its own limit below.
      requestTimeout: 0,
      // One timeout per connection that is never changed costs less than switching between two with each request.
      keepAliveTimeout: 0,
      noDelay: true,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: isWebSocket,
    });
    // Every header must reach the checks; node:http would silently drop those past its own limit.
    server.maxHeadersCount = 0;
    server.timeout = timeouts.idle;
    server.on('connection', (socket) => {
      this.clients++;
      ClientConnection.attach(socket);
      socket.on('close', () => this.clients--);
    });
    server.on('request', (request, response) => this.serve(request, response, false));
    server.on('checkContinue', (request, response) => this.serve(request, response, true));
    // Any other expectation is handed on, as RFC 9110 §10.1.1 allows.
    server.on('checkExpectation', (request, response) => this.serve(request, response, false));
    server.on('upgrade', (request, _socket, early) => this.serveUpgrade(request, early));
    server.on('connect', (_request, socket: Socket) => this.refuseRaw(socket, 405, 'CONNECT is not served'));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.malformed(error, socket));
    server.on('timeout', (socket: Socket) => {
      const client = ClientConnection.of(socket);
      if (client.isIdle) socket.destroy();
      else client.silent();
    });
    return server;
  }

  private serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const nowMs = performance.now();
    this.clock.nowMs = nowMs;
    const client = ClientConnection.of(request.socket);
    if (client.activeCount >= pipelinedMax) {
      request.socket.destroy();
      return;
    }
    const head = requestHead(request, client.address, this.forwardRules);
    if (head.kind === 'refused') {
      this.refuse(request, response, head.status, head.why);
      return;
    }
    const choice = this.choose(request, nowMs);
    if (choice === null) {
      this.refuse(request, response, 503, 'no version is in service');
      return;
    }
    new Exchange(
      this.exchangeRules,
      client,
      request,
      response,
      head,
      choice.target,
      choice.fallback,
      choice.setCookie,
      expectsContinue,
      nowMs,
    ).forward(nowMs);
  }

  private serveUpgrade(request: IncomingMessage, early: Buffer): void {
    const nowMs = performance.now();
    this.clock.nowMs = nowMs;
    const client = ClientConnection.of(request.socket);
    const head = requestHead(request, client.address, this.forwardRules, true);
    if (head.kind === 'refused') {
      this.refuseRaw(request.socket, head.status, head.why);
      return;
    }
    if (head.bodyBytes !== 0 || !client.isIdle) {
      this.refuseRaw(request.socket, 400, 'this upgrade is not served');
      return;
    }
    const choice = this.choose(request, nowMs);
    if (choice === null) {
      this.refuseRaw(request.socket, 503, 'no version is in service');
      return;
    }
    const tunnel = this.tunnel(client, request, early, head, choice, nowMs);
    this.tunnels.add(tunnel);
    request.socket.on('close', () => this.tunnels.delete(tunnel));
    tunnel.forward(nowMs);
  }

  private tunnel(
    client: ClientConnection,
    request: IncomingMessage,
    early: Buffer,
    head: RequestHead,
    choice: Choice,
    nowMs: number,
  ): Tunnel {
    const idleMs = this.settings.config.timeouts.idle;
    return new Tunnel(client, request, early, head, choice.target, choice.fallback, choice.setCookie, idleMs, nowMs);
  }

  /** Which version serves this request, and the cookie that keeps its user there. Null when there is none. */
  private choose(request: IncomingMessage, nowMs: number): Choice | null {
    const inForce = this.inForce;
    if (inForce === null) return null;
    const { stable, candidate, matchers } = inForce;
    // The controller process may be gone or stuck, and so may the timer in ours: the lease is also looked at per request.
    const isLeased = nowMs < this.leaseEndsMs;
    if (candidate !== null && isLeased) {
      for (const matcher of matchers)
        if (matcher(request.headers)) return { target: candidate, fallback: withEndpoints(stable), setCookie: '' };
      const { cut } = inForce;
      if (cut >= bucketsMax) return { target: candidate, fallback: withEndpoints(stable), setCookie: '' };
      if (cut > 0) return this.split(request, stable, candidate, cut);
    }
    return stable === null ? null : { target: stable, fallback: null, setCookie: '' };
  }

  private split(request: IncomingMessage, stable: Target | null, candidate: Target, cut: number): Choice | null {
    const { bucket } = this.settings.config;
    let setCookie = '';
    let toCandidate: boolean;
    const key =
      'cookie' in bucket ? cookieValue(request.headers.cookie, bucket.cookie) : request.headers[bucket.header.toLowerCase()];
    if (typeof key === 'string' && key !== '') toCandidate = bucketFor(this.seed, key) < cut;
    else {
      toCandidate = this.even.isCandidate(cut);
      if ('cookie' in bucket) {
        const id = idOnSide(this.seed, cut, toCandidate, randomUUID());
        setCookie = `Set-Cookie: ${bucket.cookie}=${id}; Path=/; HttpOnly; SameSite=Lax\r\n`;
      }
    }
    if (toCandidate) return { target: candidate, fallback: withEndpoints(stable), setCookie };
    return stable === null ? null : { target: stable, fallback: null, setCookie };
  }

  private targetOf(backend: Backend | null): Target | null {
    if (backend === null) return null;
    const endpoints = backend.endpoints.map((endpoint) => {
      const key = keyOf(endpoint);
      const known = this.endpoints.get(key) ?? new Endpoint(endpoint.host, endpoint.port, this.upstreamRules);
      this.endpoints.set(key, known);
      return known;
    });
    return new Target(backend.version, endpoints, this.counters.of(backend.version), this.asked);
  }

  private get forwardRules() {
    return this.settings.config;
  }

  private refuse(request: IncomingMessage, response: ServerResponse, status: number, why: string): void {
    this.countRefusal(status);
    // After a head that could be read in two ways, nothing more on this connection can be trusted.
    answerByRouter(response, status, why, status !== 400 && status !== 431);
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    if (length !== undefined || coding !== undefined) ClientConnection.of(request.socket).linger(request);
  }

  private refuseRaw(socket: Socket, status: number, why: string): void {
    this.countRefusal(status);
    writeRefusal(socket, status, why);
  }

  private malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const clean = ClientConnection.of(socket).spoilt();
    if (socket.destroyed) return;
    if (!clean || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      socket.destroySoon();
      return;
    }
    if (error.code === 'HPE_HEADER_OVERFLOW') this.refuseRaw(socket, 431, 'the request head is too large');
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') this.refuseRaw(socket, 408, 'the request head did not arrive in time');
    else this.refuseRaw(socket, 400, 'malformed request');
  }

  private countRefusal(status: number): void {
    this.refusals[status] = (this.refusals[status] ?? 0) + 1;
  }

  private expire(): void {
    const nowMs = performance.now();
    this.clock.nowMs = nowMs;
    for (const connection of this.connections) if (connection.deadlineMs < nowMs) connection.expire();
  }
}

type Choice = { readonly target: Target; readonly fallback: Target | null; readonly setCookie: string };

function keyOf(endpoint: { readonly host: string; readonly port: number }): string {
  return `${endpoint.host}:${endpoint.port}`;
}

function withEndpoints(target: Target | null): Target | null {
  return target !== null && target.endpoints.length > 0 ? target : null;
}

/** Only WebSockets are switched over. `h2c` must not be: inside it requests would pass unseen. */
function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
