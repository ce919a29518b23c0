import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { systemCode } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import { textIn } from '../../spec/text.ts';
import { authorities, certificatePoints, daysLeft, shownCertificate } from '../certificate.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { connected } from '../connected.ts';
import { type Failure, failureOf, lateness } from '../failure-reason.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { TlsConfig } from './schema.ts';
import { askForTls, NotOffered } from './starttls.ts';

/** A certificate that holds, and versions of TLS that are still safe. */
export const tls = defineCheck({
  title: { en: 'TLS certificate', ru: 'Сертификат TLS' },
  schema: TlsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    const { host, port, serverName: name = host, minVersion } = config;
    const place = hostPort({ host, port });
    const expected = {
      en: `a trusted certificate for ${name}, and TLS ${minVersion} at least`,
      ru: `доверенный сертификат на ${name} и TLS не ниже ${minVersion}`,
    };
    const ca = authorities(config.ca, context.folder);
    const trust: ConnectionOptions = {
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(name) === 0 ? { servername: name } : {}),
    };
    const startMs = performance.now();
    const opened = await open(config, { ...trust, minVersion: `TLSv${minVersion}` }, context);
    if (!('socket' in opened)) return resultOf(place, expected, [opened.finding]);
    const handshakeMs = Math.round(performance.now() - startMs);
    const { socket } = opened;
    try {
      const shown = shownCertificate(socket, name);
      const nowMs = context.now();
      const points = [
        ...certificatePoints(shown, name, config, nowMs),
        { status: 'pass', text: `${socket.getProtocol()}, ${socket.getCipher().name}` } as const,
        await olderPoint(config, trust, context),
      ];
      return resultOf(place, expected, points, { handshakeMs, ...(shown ? { daysLeft: daysLeft(shown, nowMs) } : {}) });
    } finally {
      socket.destroy();
    }
  },
});

/** Whether versions before `minVersion` are refused. */
async function olderPoint(config: TlsConfig, trust: ConnectionOptions, context: CheckContext): Promise<Finding> {
  const maxVersion: SecureVersion = config.minVersion === '1.3' ? 'TLSv1.2' : 'TLSv1.1';
  // OpenSSL itself speaks the old versions at this level alone.
  const old: ConnectionOptions = { ...trust, minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' };
  const opened = await open(config, old, context);
  if ('finding' in opened) {
    if (opened.isRefusal) return { status: 'pass', text: { en: `${maxVersion} is refused`, ru: `${maxVersion} отвергается` } };
    const { text } = opened.finding;
    return {
      status: 'unproven',
      text: {
        en: `whether ${maxVersion} is refused is not known: ${textIn(text, 'en')}`,
        ru: `отвергается ли ${maxVersion}, неизвестно: ${textIn(text, 'ru')}`,
      },
      fix: { en: 'see why a second connection fails', ru: 'выясните, почему не удаётся второе соединение' },
    };
  }
  const version = opened.socket.getProtocol();
  opened.socket.destroy();
  return {
    status: 'fail',
    text: { en: `${version} is still spoken`, ru: `всё ещё принимается ${version}` },
    fix: { en: `allow TLS ${config.minVersion} and newer alone`, ru: `разрешите только TLS ${config.minVersion} и новее` },
  };
}

/** `isRefusal`: the other side was there, and did not want the handshake. */
type Opened = { readonly socket: TLSSocket } | { readonly finding: Finding; readonly isRefusal: boolean };

async function open(
  { host, port, starttls, within, minVersion }: TlsConfig,
  options: ConnectionOptions,
  { signal }: CheckContext,
): Promise<Opened> {
  const timeout = AbortSignal.timeout(within);
  const either = AbortSignal.any([signal, timeout]);
  const place = hostPort({ host, port });
  let plain: Socket | undefined;
  let isHandshake = false;
  try {
    plain = await connected(host, port, either);
    if (starttls) await askForTls(plain, starttls);
    isHandshake = true;
    const socket = connect({ ...options, socket: plain });
    socket.on('error', () => {});
    await once(socket, 'secureConnect', { signal: either });
    return { socket };
  } catch (error) {
    plain?.destroy();
    signal.throwIfAborted();
    const finding: Finding = {
      status: 'fail',
      ...(timeout.aborted ? lateness(within, place) : reasonOf(error, place, minVersion)),
    };
    // With this one it is our own side that cannot.
    const isOwn = systemCode(error) === 'ERR_SSL_NO_PROTOCOLS_AVAILABLE';
    return { finding, isRefusal: isHandshake && !timeout.aborted && !isOwn };
  }
}

function reasonOf(error: unknown, place: string, minVersion: string): Failure {
  if (error instanceof NotOffered)
    return { text: error.said, fix: { en: 'turn TLS on in the server', ru: 'включите TLS на сервере' } };
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(systemCode(error) ?? ''))
    return {
      text: { en: `TLS ${minVersion} is not spoken`, ru: `TLS ${minVersion} не поддерживается` },
      fix: { en: `turn TLS ${minVersion} on in the server`, ru: `включите на сервере TLS ${minVersion}` },
    };
  return failureOf(error, place);
}
