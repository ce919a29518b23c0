import { once } from 'node:events';
import { connect } from 'node:net';
import { defineCheck } from '../check.ts';
import { failureOf } from '../failure-reason.ts';
import { TcpConfig } from './schema.ts';

/** Something listens at a TCP port. */
export const tcp = defineCheck({
  title: { en: 'TCP port', ru: 'Порт TCP' },
  schema: TcpConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 10_000,
  async run({ host, port, within }, { signal }) {
    const lookedAt = `${host}:${port}`;
    const expected = { en: `a connection within ${within} ms`, ru: `соединение не позже чем через ${within} мс` };
    const startMs = performance.now();
    const socket = connect({ host, port });
    const timeout = AbortSignal.timeout(within);
    try {
      await once(socket, 'connect', { signal: AbortSignal.any([signal, timeout]) });
      const tookMs = Math.round(performance.now() - startMs);
      const found = { en: `connected after ${tookMs} ms`, ru: `соединение через ${tookMs} мс` };
      return { status: 'pass', lookedAt, found, expected, fix: null, evidence: [], figures: { connectMs: tookMs } };
    } catch (error) {
      const found = timeout.aborted
        ? { en: `no connection within ${within} ms`, ru: `соединения нет за ${within} мс` }
        : failureOf(error, lookedAt).text;
      const fix = {
        en: `start what listens at ${lookedAt}, or let this machine through to it (firewall, network policy)`,
        ru: `запустите то, что слушает ${lookedAt}, или откройте к нему доступ с этой машины (файрвол, сетевые политики)`,
      };
      return { status: 'fail', lookedAt, found, expected, fix, evidence: [], figures: {} };
    } finally {
      socket.destroy();
    }
  },
});
