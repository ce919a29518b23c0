import { hostPort } from '../../spec/host-port.ts';
import { defineCheck } from '../check.ts';
import { connected } from '../connected.ts';
import { failureOf, lateness } from '../failure-reason.ts';
import { TcpConfig } from './schema.ts';

/** Something listens at a TCP port. */
export const tcp = defineCheck({
  title: { en: 'TCP port', ru: 'Порт TCP' },
  schema: TcpConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 10_000,
  async run({ host, port, within }, { signal }) {
    const lookedAt = hostPort({ host, port });
    const expected = { en: `a connection within ${within} ms`, ru: `соединение не позже чем через ${within} мс` };
    const startMs = performance.now();
    const timeout = AbortSignal.timeout(within);
    try {
      const socket = await connected(host, port, AbortSignal.any([signal, timeout]));
      const tookMs = Math.round(performance.now() - startMs);
      socket.destroy();
      const found = { en: `connected after ${tookMs} ms`, ru: `соединение через ${tookMs} мс` };
      return { status: 'pass', lookedAt, found, expected, fix: null, evidence: [], figures: { connectMs: tookMs } };
    } catch (error) {
      signal.throwIfAborted();
      const { text: found, fix } = timeout.aborted ? lateness(within, lookedAt) : failureOf(error, lookedAt);
      return { status: 'fail', lookedAt, found, expected, fix, evidence: [], figures: {} };
    }
  },
});
