import type { Redis } from 'ioredis';
import { messageOf, UserError } from '../../errors.ts';
import { type Answer, combined } from '../answers.ts';
import { defineCheck } from '../check.ts';
import { pemText } from '../pem-text.ts';
import { said, unreachable } from '../unreachable.ts';
import { answersOf, infoOf } from './info.ts';
import { RedisConfig } from './schema.ts';
import { type RedisTarget, redisTarget, redisText } from './target.ts';

/** A Redis server answers, and is as it should be. */
export const redis = defineCheck({
  title: { en: 'Redis', ru: 'Redis' },
  schema: RedisConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    const target = redisTarget(config.connection, context);
    const { client, lastError } = await clientFor(target, config.within);
    const stop = (): void => client.disconnect();
    context.signal.throwIfAborted();
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      return combined(redisText(target), await asked(client, target, config));
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof UserError) throw error;
      // What ended the connection says more than that it is closed.
      const why = /closed|Command timed out|ended/i.test(messageOf(error)) ? (lastError() ?? error) : error;
      const isLate = /timed out|ETIMEDOUT/i.test(messageOf(why));
      return combined(redisText(target), [unreachable(redisText(target), why, isLate ? config.within : null)]);
    } finally {
      context.signal.removeEventListener('abort', stop);
      stop();
    }
  },
});

async function asked(client: Redis, target: RedisTarget, config: RedisConfig): Promise<readonly Answer[]> {
  const { user, password, db } = target;
  const ask = async (...words: readonly [string, ...string[]]): Promise<unknown> => {
    try {
      return await client.call(...words);
    } catch (error) {
      // An error of Redis begins with a word in capitals; anything else is the connection.
      if (error instanceof Error && /^[A-Z]+ /.test(error.message)) throw refused(error, target, words[0]);
      throw error;
    }
  };
  await client.connect();
  if (password !== null) await ask('AUTH', ...(user === null ? [password] : [user, password]));
  await ask('PING');
  if (db !== 0) await ask('SELECT', String(db));
  const info = infoOf(String(await ask('INFO')));
  const settings = new Map<string, string>();
  const names = ['appendfsync', 'maxclients'].filter((name) => (name === 'appendfsync' ? config.appendfsync : config.clients));
  for (const name of names) {
    // Managed servers have no CONFIG, and many users may not run it; what is then missing is told by whoever needs it.
    const pair = await client.call('CONFIG', 'GET', name).catch(() => null);
    if (Array.isArray(pair) && typeof pair[1] === 'string') settings.set(name, pair[1]);
  }
  return answersOf(config, info, settings);
}

function refused(error: Error, target: RedisTarget, command: string): UserError {
  const isLoading = error.message.startsWith('LOADING');
  const isSignIn = /^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/.test(error.message) || command === 'AUTH';
  return new UserError(isSignIn ? 'E_CHECK_SIGN_IN' : 'E_CHECK_REFUSED', `${command} is refused: ${said(error)}`, {
    where: redisText(target),
    fix: isSignIn
      ? 'correct user and password: password: { env: NAME }, or those in the address'
      : isLoading
        ? 'wait until it has read its data'
        : `let this user run ${command} (ACL SETUSER … +${command.toLowerCase()})`,
    cause: error,
  });
}

async function clientFor(
  target: RedisTarget,
  withinMs: number,
): Promise<{ readonly client: Redis; readonly lastError: () => Error | null }> {
  const tls = target.tls && {
    rejectUnauthorized: !target.tls.insecure,
    ...(target.tls.ca === null ? {} : { ca: pemText(target.tls.ca) }),
    ...(target.tls.serverName === null ? {} : { servername: target.tls.serverName }),
  };
  const { Redis } = await import('ioredis');
  const client = new Redis({
    host: target.host,
    port: target.port,
    lazyConnect: true,
    connectTimeout: withinMs,
    commandTimeout: withinMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    // Signing in is a question like others here, so that a refusal is told as one; older servers know no more than version 2.
    protocol: 2,
    disableClientInfo: true,
    // A server that says nothing does not say goodbye either.
    disconnectTimeout: 100,
    ...(tls ? { tls } : {}),
  });
  let last: Error | null = null;
  client.on('error', (error) => {
    last ??= error;
  });
  return { client, lastError: () => last };
}
