import { UserError } from '../../errors.ts';
import { isMapping } from '../../spec/mapping.ts';
import { durationText } from '../../spec/unit-text.ts';
import { type Answer, combined } from '../answers.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { afterwards, NotReached, type Reply, type Requests, requests } from '../store-request.ts';
import { dataOf, newestVersion, type SecretState, secretAnswer, versionOf } from './answers.ts';
import { VaultConfig } from './schema.ts';

/** For the end, also when nobody waits for it any more. */
const revokeMs = 3_000;

type Ask = (method: string, path: string, body?: unknown) => Promise<Reply>;

/** HashiCorp Vault is open, and has the secrets that are needed. */
export const vault = defineCheck({
  title: { en: 'Vault', ru: 'Vault' },
  schema: VaultConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const { origin, host } = new URL(config.url);
    const server = requests(config.tls, config.within, context);
    try {
      const health = await healthAnswer(asker(config, server, null));
      // While it is sealed it answers nothing else.
      if (health.status !== 'pass' || (!config.token && !config.appRole)) return combined(origin, [health]);
      return combined(origin, [health, ...(await signedIn(config, server, context))]);
    } catch (error) {
      if (error instanceof NotReached) return combined(host, [error.answer]);
      throw error;
    } finally {
      server.close();
    }
  },
});

function asker(config: VaultConfig, server: Requests, token: string | null): Ask {
  const { pathname, origin } = new URL(config.url);
  const headers = {
    // Vault refuses what comes through a forged link (SSRF) when it is told to ask for this.
    'x-vault-request': 'true',
    ...(config.namespace === undefined ? {} : { 'x-vault-namespace': config.namespace }),
    ...(token === null ? {} : { 'x-vault-token': token }),
  };
  return (method, path, body) =>
    server.send({
      method,
      url: `${origin}${pathname.replace(/\/$/, '')}/v1/${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/** `GET /sys/health`: 200 active, 429 standby, 472 and 473 kinds of standby, 501 not initialized, 503 sealed. */
async function healthAnswer(ask: Ask): Promise<Answer> {
  const { status, body } = await ask('GET', 'sys/health');
  const expected = { en: 'Vault is initialized and unsealed', ru: 'Vault инициализирован и распечатан' };
  if ([200, 429, 472, 473].includes(status)) {
    const version = /"version"\s*:\s*"([\w.+-]{1,50})"/.exec(body)?.[1] ?? '';
    return {
      status: 'pass',
      found: { en: `unsealed${version && `, ${version}`}`, ru: `распечатан${version && `, ${version}`}` },
      expected,
      fix: null,
    };
  }
  if (status === 503)
    return {
      status: 'fail',
      found: { en: 'it is sealed', ru: 'он запечатан' },
      expected,
      fix: { en: 'vault operator unseal', ru: 'vault operator unseal' },
    };
  if (status === 501)
    return {
      status: 'fail',
      found: { en: 'it is not initialized', ru: 'он не инициализирован' },
      expected,
      fix: { en: 'vault operator init', ru: 'vault operator init' },
    };
  return {
    status: 'fail',
    found: { en: `sys/health answers ${status}`, ru: `sys/health отвечает ${status}` },
    expected,
    fix: { en: 'see whether Vault is what answers at this address', ru: 'проверьте, Vault ли отвечает по этому адресу' },
  };
}

async function signedIn(config: VaultConfig, server: Requests, context: CheckContext): Promise<readonly Answer[]> {
  const { appRole } = config;
  const token = config.token ? context.secret(config.token) : await roleToken(config, server, context);
  const ask = asker(config, server, token);
  try {
    // A token that can see a secret is valid; by some policies it may not look at itself.
    const isAsked = config.tokenLeft !== undefined || config.secrets.length === 0;
    const answers = isAsked ? [await tokenAnswer(ask, config)] : [];
    for (const secret of config.secrets)
      answers.push(secretAnswer(secret, await secretState(ask, secret, context.now()), context.now()));
    return answers;
  } finally {
    // Ours to give back; one that was given to us is not.
    if (appRole)
      await afterwards(config.tls, revokeMs, context, (last) => asker(config, last, token)('POST', 'auth/token/revoke-self'));
  }
}

async function roleToken({ appRole, ...config }: VaultConfig, server: Requests, { secret }: CheckContext): Promise<string> {
  if (!appRole) throw new Error('the schema asks for a token or a role');
  const body = { role_id: secret(appRole.roleId), secret_id: secret(appRole.secretId) };
  const reply = await asker({ ...config, appRole }, server, null)('POST', `auth/${encoded(appRole.mount)}/login`, body);
  const auth = authOf(reply.body);
  if (reply.status === 200 && typeof auth?.client_token === 'string') return auth.client_token;
  throw refused(config.url, `the role cannot sign in (${reply.status})`, 'correct roleId, secretId and mount');
}

function authOf(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isMapping(parsed) && isMapping(parsed.auth) ? parsed.auth : null;
  } catch {
    return null;
  }
}

/** `GET /auth/token/lookup-self`; `ttl` is in seconds, and 0 for a token without an end. */
async function tokenAnswer(ask: Ask, { tokenLeft }: VaultConfig): Promise<Answer> {
  const reply = await ask('GET', 'auth/token/lookup-self');
  const ttl = dataOf(reply.body)?.ttl;
  const left = tokenLeft === undefined ? null : durationText(tokenLeft);
  const expected =
    left === null
      ? { en: 'a valid token', ru: 'действительный токен' }
      : { en: `a token that is valid for ${left} at least`, ru: `токен, действительный ещё не меньше ${left}` };
  if (reply.status !== 200 || typeof ttl !== 'number')
    return {
      status: 'unproven',
      found: {
        en: `the token is not valid, or may not look itself up (${reply.status})`,
        ru: `токен недействителен или не может посмотреть сам себя (${reply.status})`,
      },
      expected,
      fix: {
        en: 'give it a new one, or let its policy read auth/token/lookup-self',
        ru: 'задайте новый или разрешите его политике читать auth/token/lookup-self',
      },
    };
  const text = ttl === 0 ? null : durationText(Math.floor(ttl / 60) * 60_000);
  const isLong = tokenLeft === undefined || ttl === 0 || ttl * 1_000 >= tokenLeft;
  return {
    status: isLong ? 'pass' : 'fail',
    found:
      text === null
        ? { en: 'the token does not expire', ru: 'токен бессрочный' }
        : { en: `the token is valid for ${text}`, ru: `токен действителен ещё ${text}` },
    expected,
    fix: isLong
      ? null
      : { en: 'vault token renew, or see why nobody renews it', ru: 'vault token renew; выясните, почему его не продлевают' },
    figures: ttl === 0 ? {} : { tokenLeftS: ttl },
  };
}

async function secretState(
  ask: Ask,
  { mount, path, engine, keys }: VaultConfig['secrets'][number],
  nowMs: number,
): Promise<SecretState> {
  const at = (part: string): string => `${encoded(mount)}/${part === '' ? '' : `${part}/`}${encoded(path)}`;
  if (engine === 1) {
    const reply = await ask('GET', at(''));
    return stateOf(reply, (data) => ({ kind: 'found', keys: Object.keys(data), writtenMs: null, isDeleted: false }));
  }
  const metadata = await ask('GET', at('metadata'));
  // Many policies of services let them read the data alone.
  if (metadata.status === 403) return dataState(await ask('GET', at('data')), nowMs);
  const state = stateOf(metadata, (data) => {
    const version = newestVersion(data, nowMs);
    return version ? { kind: 'found', keys: null, ...version } : { kind: 'missing' };
  });
  if (state.kind !== 'found' || state.isDeleted || keys.length === 0) return state;
  // Values do not come with it. Before Vault 1.10 there was no such question.
  const subkeys = await ask('GET', at('subkeys'));
  const inside = subkeys.status === 200 ? dataOf(subkeys.body)?.subkeys : undefined;
  if (isMapping(inside)) return { ...state, keys: Object.keys(inside) };
  const data = dataState(await ask('GET', at('data')), nowMs);
  return data.kind === 'found' ? { ...state, keys: data.keys } : data;
}

/** Of the data its keys are taken, and nothing else is kept. A deleted version answers 404 with its metadata. */
function dataState(reply: Reply, nowMs: number): SecretState {
  const data = dataOf(reply.body);
  if ((reply.status === 200 || reply.status === 404) && data && isMapping(data.metadata))
    return { kind: 'found', keys: isMapping(data.data) ? Object.keys(data.data) : [], ...versionOf(data.metadata, nowMs) };
  return stateOf(reply, () => ({ kind: 'unknown', why: 'its answer is not that of version 2 of the engine' }));
}

function stateOf(reply: Reply, found: (data: Readonly<Record<string, unknown>>) => SecretState): SecretState {
  if (reply.status === 404) return { kind: 'missing' };
  if (reply.status === 403) return { kind: 'denied' };
  const data = reply.status === 200 ? dataOf(reply.body) : null;
  return data ? found(data) : { kind: 'unknown', why: `Vault answers ${reply.status}` };
}

function refused(url: string, what: string, fix: string): UserError {
  return new UserError('E_CHECK_SIGN_IN', what, { where: new URL(url).host, fix });
}

/** A path as it stands in a URL. */
function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
