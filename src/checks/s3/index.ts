import { createHash, randomUUID } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { type Answer, combined } from '../answers.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { afterwards, NotReached, type Reply, type Requests, requests } from '../store-request.ts';
import { element, errorCode, settingAnswer, settings } from './answers.ts';
import { S3Config } from './schema.ts';

/** For the end, also when nobody waits for it any more. */
const removeMs = 3_000;

/** Asks the bucket; signed. */
type Ask = (method: string, key: string, query?: Readonly<Record<string, string>>, body?: string) => Promise<Reply>;

/** Asks once more when the check itself has ended. */
type Last = (work: (ask: Ask) => Promise<unknown>) => Promise<void>;

/** An S3 bucket is there, can be used, and is set up as it should be. */
export const s3 = defineCheck({
  title: { en: 'S3 bucket', ru: 'Бакет S3' },
  schema: S3Config,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const base = bucketUrl(config);
    const lookedAt = `${base.host}${base.pathname.replace(/\/$/, '')}`;
    const server = requests(config.tls, config.within, context);
    try {
      const ask = await asker(config, base, server, context);
      const last: Last = (work) =>
        afterwards(config.tls, removeMs, context, async (own) => work(await asker(config, base, own, context)));
      const answers = [config.access === 'write' ? await written(ask, last, config) : await listed(ask, config)];
      for (const setting of settings) {
        const wanted = config[setting.name];
        // Of a bucket that is not there no more is asked.
        if (wanted === undefined || answers[0]?.status === 'fail') continue;
        answers.push(settingAnswer(setting, wanted, await ask('GET', '', { [setting.query]: '' }), config.bucket));
      }
      return combined(lookedAt, answers);
    } catch (error) {
      if (error instanceof NotReached) return combined(lookedAt, [error.answer]);
      throw error;
    } finally {
      server.close();
    }
  },
});

/** Address of the bucket, with / at its end. */
export function bucketUrl({ bucket, region, endpoint, style }: Pick<S3Config, 'bucket' | 'region' | 'endpoint' | 'style'>): URL {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  url.search = '';
  const path = url.pathname.replace(/\/$/, '');
  if ((style ?? (endpoint === undefined ? 'host' : 'path')) === 'host') {
    url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = `${path}/`;
  } else url.pathname = `${path}/${bucket}/`;
  return url;
}

async function asker(config: S3Config, base: URL, server: Requests, { secret }: CheckContext): Promise<Ask> {
  const { AwsV4Signer } = await import('aws4fetch');
  const keys = {
    accessKeyId: secret(config.accessKey),
    secretAccessKey: secret(config.secretKey),
    ...(config.sessionToken ? { sessionToken: secret(config.sessionToken) } : {}),
  };
  return async (method, key, query = {}, body = '') => {
    const url = new URL(key, base);
    // Of the bucket itself no / is wanted behind its name.
    if (key === '' && base.pathname !== '/') url.pathname = base.pathname.replace(/\/$/, '');
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const hash = createHash('sha256').update(body).digest('hex');
    const headers = { 'x-amz-content-sha256': hash };
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers,
      body,
      service: 's3',
      region: config.region,
      ...keys,
    }).sign();
    const reply = await server.send({ method, url: signed.url.href, headers: Object.fromEntries(signed.headers), body });
    refuseKey(reply, config, base);
    return reply;
  };
}

/** A key that nobody knows, a wrong secret, and another region say nothing about the bucket. */
function refuseKey(reply: Reply, config: S3Config, base: URL): void {
  const code = errorCode(reply);
  const said = element(reply.body, 'Message')?.replace(/[.\s]+$/, '') ?? code;
  if (
    /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|RequestTimeTooSkewed)$/.test(code)
  )
    throw new UserError('E_CHECK_SIGN_IN', `the key is refused: ${code}: ${said.slice(0, 200)}`, {
      where: base.host,
      fix:
        code === 'RequestTimeTooSkewed' ? 'set the clock of this machine (NTP)' : 'correct accessKey and secretKey, and region',
    });
  const region = element(reply.body, 'Region') ?? reply.headers['x-amz-bucket-region'];
  if (/^(AuthorizationHeaderMalformed|PermanentRedirect|301|307)$/.test(code))
    throw new UserError('E_CHECK_CONNECTION', `the bucket is in another region${region ? `: ${region}` : ''}`, {
      where: base.host,
      fix: region ? `region: ${region}` : `correct region, which is ${config.region} now`,
    });
}

async function listed(ask: Ask, { bucket }: S3Config): Promise<Answer> {
  const expected = { en: 'a bucket that can be read', ru: 'бакет, который можно читать' };
  const reply = await ask('GET', '', { 'list-type': '2', 'max-keys': '1' });
  if (reply.status === 200) return { status: 'pass', found: { en: 'it can be read', ru: 'читается' }, expected, fix: null };
  return refusedAnswer(reply, 'read', bucket, expected);
}

/** Writes a small object, reads it back and deletes it. */
async function written(ask: Ask, last: Last, { bucket, prefix }: S3Config): Promise<Answer> {
  const expected = {
    en: 'a bucket that can be written, read and emptied',
    ru: 'бакет, в который можно писать, читать и удалять',
  };
  const key = `${prefix}${randomUUID()}`;
  const body = `written by a check at ${key}`;
  let version: string | null = null;
  // Until it was refused: what was not answered may have been written.
  let isThere = true;
  try {
    const put = await ask('PUT', key, {}, body);
    if (put.status !== 200) {
      isThere = false;
      return refusedAnswer(put, 'written', bucket, expected);
    }
    // Where versions are kept, an object is only gone with its version.
    const kept = put.headers['x-amz-version-id'];
    version = typeof kept === 'string' && kept !== 'null' ? kept : null;
    const got = await ask('GET', key);
    if (got.status !== 200) return refusedAnswer(got, 'read', bucket, expected);
    if (got.body !== body) return otherBody(expected);
    const gone = await removed(ask, key, version);
    isThere = gone.status >= 300;
    if (isThere) return refusedAnswer(gone, 'emptied', bucket, expected);
    const found = { en: 'written, read and deleted', ru: 'записано, прочитано и удалено' };
    return { status: 'pass', found, expected, fix: null };
  } catch (error) {
    // A refused key has written nothing.
    isThere = !(error instanceof UserError);
    throw error;
  } finally {
    if (isThere) await last((own) => removed(own, key, version));
  }
}

async function removed(ask: Ask, key: string, version: string | null): Promise<Reply> {
  const whole = version === null ? null : await ask('DELETE', key, { versionId: version });
  return whole !== null && whole.status < 300 ? whole : await ask('DELETE', key);
}

function otherBody(expected: Answer['expected']): Answer {
  return {
    status: 'fail',
    found: { en: 'what was read is not what was written', ru: 'прочитано не то, что записано' },
    expected,
    fix: {
      en: 'see what stands between this machine and the bucket',
      ru: 'выясните, что стоит между этой машиной и бакетом',
    },
  };
}

const verbs = {
  read: { ru: 'прочитать', right: 's3:GetObject, s3:ListBucket' },
  written: { ru: 'записать', right: 's3:PutObject' },
  emptied: { ru: 'удалить', right: 's3:DeleteObject' },
} as const;

function refusedAnswer(reply: Reply, verb: keyof typeof verbs, bucket: string, expected: Answer['expected']): Answer {
  const code = errorCode(reply);
  const { ru, right } = verbs[verb];
  if (code === 'NoSuchBucket' || reply.status === 404)
    return {
      status: 'fail',
      found: { en: `there is no bucket ${bucket}`, ru: `бакета ${bucket} нет` },
      expected,
      fix: {
        en: `make it: aws s3api create-bucket --bucket ${bucket}`,
        ru: `создайте его: aws s3api create-bucket --bucket ${bucket}`,
      },
    };
  return {
    status: 'fail',
    found: { en: `it cannot be ${verb}: ${code}`, ru: `не удалось ${ru}: ${code}` },
    expected,
    fix:
      reply.status === 403
        ? { en: `let the key do it (${right} on ${bucket})`, ru: `разрешите это ключу (${right} для ${bucket})` }
        : { en: 'see what the server says of its state', ru: 'посмотрите, что сервер сообщает о своём состоянии' },
  };
}
