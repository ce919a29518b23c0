import { createSocket, type Socket } from 'node:dgram';
import { setImmediate as turn } from 'node:timers/promises';
import { messageOf, UserError } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import { type LoggedRequest, loggedRequest } from './log-line.ts';

type OnRequest = (request: LoggedRequest) => void;
/** Who hears of the requests of each backend. */
type Listener = { readonly socket: Socket; readonly subscribers: Map<string, OnRequest>; taken: number };

/** Room for about a second of 10,000 requests, where the system grants it. */
const bufferBytes = 4 * 1_048_576;

/** Longest that lines which have come already are taken before the totals are believed. */
const takeMs = 100;

/** One socket for each address, whatever number of services have their HAProxy log to it. */
const listeners = new Map<string, Promise<Listener>>();

/**
 * Takes the requests of a backend from HAProxy's log at a UDP address. Whoever took them before gets no more.
 *
 * @throws UserError `E_ROUTER_LOG` when the address cannot be listened on.
 */
export async function subscribeLog(host: string, port: number, backend: string, onRequest: OnRequest): Promise<void> {
  const address = hostPort({ host, port });
  let opening = listeners.get(address);
  if (!opening) {
    opening = listen(host, port);
    listeners.set(address, opening);
    opening.catch(() => listeners.delete(address));
  }
  (await opening).subscribers.set(backend, onRequest);
}

/** Lets go of a backend's log, if this is who takes it; the last one closes the socket. */
export async function unsubscribeLog(host: string, port: number, backend: string, onRequest: OnRequest): Promise<void> {
  const address = hostPort({ host, port });
  const listener = await listeners.get(address)?.catch(() => undefined);
  if (listener?.subscribers.get(backend) !== onRequest) return;
  listener.subscribers.delete(backend);
  if (listener.subscribers.size > 0) return;
  listeners.delete(address);
  listener.socket.close();
}

/** Takes what has come already: a busy process gets some lines at a time, and has others waiting. */
export async function takeWaiting(host: string, port: number): Promise<void> {
  const listener = await listeners.get(hostPort({ host, port }))?.catch(() => undefined);
  if (!listener) return;
  const untilMs = performance.now() + takeMs;
  for (let before = -1; before !== listener.taken && performance.now() < untilMs; ) {
    before = listener.taken;
    // Between two of them everything that is ready has been looked at once.
    await turn();
    await turn();
  }
}

async function listen(host: string, port: number): Promise<Listener> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: bufferBytes });
  const subscribers = new Map<string, OnRequest>();
  const listener: Listener = { socket, subscribers, taken: 0 };
  // A log is no reason for a process to stay.
  socket.unref();
  socket.on('message', (datagram) => {
    listener.taken += 1;
    const request = loggedRequest(datagram.toString('latin1'));
    if (request) subscribers.get(request.backend)?.(request);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(logError(host, port, error)));
    socket.bind(port, host, resolve);
  });
  // What goes wrong with a socket later is seen by its silence.
  socket.removeAllListeners('error').on('error', () => {});
  return listener;
}

function logError(host: string, port: number, cause: unknown): UserError {
  return new UserError('E_ROUTER_LOG', `HAProxy's log cannot be taken at ${hostPort({ host, port })}: ${messageOf(cause)}`, {
    where: 'router.haproxy.log',
    fix: 'Name an address of this machine that nothing else listens on, and have HAProxy log there.',
    cause,
  });
}
