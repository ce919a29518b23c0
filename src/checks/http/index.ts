import { defineCheck } from '../check.ts';
import { httpClient } from '../http-client.ts';
import { HttpConfig } from './schema.ts';
import { Session } from './session.ts';

/** Requests that are answered as expected: health, readiness, smoke and functional tests. */
export const http = defineCheck({
  title: { en: 'HTTP requests', ru: 'Запросы HTTP' },
  schema: HttpConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    try {
      return await new Session(config, client, context).run();
    } finally {
      client.close();
    }
  },
});
