import { UserError } from '../../errors.ts';
import type { LoadPlan } from '../../load/plan.ts';
import { runLoad } from '../../load/run-load.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { LoadConfig, loadLimits } from './schema.ts';
import { loadVerdict } from './verdict.ts';

/** Connections of a rate, where the document says nothing. */
const connectionsUsual = 256;

/** Chance is the same each time, so that two runs differ by the service alone. */
const seed = 20_260_101;

/** Load: a rate of requests, or users, for some time, with percentiles and errors. */
export const load = defineCheck({
  title: { en: 'Load test', ru: 'Нагрузочный тест' },
  schema: LoadConfig,
  capabilities: { own: false, alone: true },
  timeoutMs: loadLimits.forMs + 180_000,
  async run(config, context) {
    const plan = planOf(config, context);
    const result = await runLoad(plan, context.signal, ({ elapsedMs, wholeMs, answers, failed }) =>
      context.progress(
        `${Math.round(elapsedMs / 1_000)} of ${Math.round(wholeMs / 1_000)} s: ${answers} answers, ${failed} failed`,
      ),
    );
    const shown = plan.targets.map(({ method, url }) => {
      // A query may hold what nobody should read.
      const { origin, pathname } = new URL(url);
      return `${method} ${origin}${pathname}`;
    });
    const more = shown.length > 3 ? [`and ${shown.length - 3} more`] : [];
    return { lookedAt: [...shown.slice(0, 3), ...more].join(', '), ...loadVerdict(config, result) };
  },
});

function planOf(config: LoadConfig, context: Pick<CheckContext, 'secret'>): LoadPlan {
  const given = config.urls ?? [
    { url: config.url ?? '', weight: 1, method: config.method, headers: config.headers, body: config.body },
  ];
  const read = (name: string, value: string | NamedSecret): string => {
    if (typeof value === 'string') return value;
    const secret = context.secret(value);
    if (/^[^\x00-\x08\x0a-\x1f\x7f]*$/.test(secret)) return secret;
    throw new UserError('E_CHECK_SECRET', `the value of the header ${name} has control characters`, {
      where: `headers.${name}`,
      fix: 'give it a value of one line',
    });
  };
  return {
    targets: given.map(({ url, weight, method, headers, body }) => ({
      url,
      weight,
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, read(name, value)])),
      body: body ?? null,
    })),
    shape:
      config.rate !== undefined
        ? { kind: 'rate', perSecond: config.rate, arrivals: config.arrivals }
        : { kind: 'users', users: config.users ?? 1, thinkMs: config.think },
    rampUpMs: config.rampUp,
    warmUpMs: config.warmUp,
    forMs: config.for,
    timeoutMs: config.timeout,
    connectionsMax: config.connections ?? config.users ?? connectionsUsual,
    insecure: config.insecure,
    seed,
  };
}
