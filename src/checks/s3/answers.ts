import type { Answer } from '../answers.ts';
import type { Reply } from '../store-request.ts';
import type { S3Config } from './schema.ts';

/** A part of a bucket's configuration, and how the answer to its question is read. */
export type Setting = {
  readonly name: keyof Pick<S3Config, 'versioning' | 'encryption' | 'publicAccessBlocked' | 'lifecycle'>;
  /** Parameter of the request. */
  readonly query: string;
  /** Root element of the answer: servers that do not know the question may answer another one. */
  readonly root: string;
  /** Error code that says that it is not set. */
  readonly unset: string | null;
  /** Whether it is set as it should be, by the answer. */
  isOn(xml: string): boolean;
  readonly words: { readonly en: string; readonly ru: string };
  readonly fix: string;
};

/** As in the reference of the S3 API: GetBucketVersioning, GetBucketEncryption, GetPublicAccessBlock, GetBucketLifecycleConfiguration. */
export const settings: readonly Setting[] = [
  {
    name: 'versioning',
    query: 'versioning',
    root: 'VersioningConfiguration',
    unset: null,
    isOn: (xml) => element(xml, 'Status') === 'Enabled',
    words: { en: 'versioning', ru: 'версионирование' },
    fix: 'put-bucket-versioning',
  },
  {
    name: 'encryption',
    query: 'encryption',
    root: 'ServerSideEncryptionConfiguration',
    unset: 'ServerSideEncryptionConfigurationNotFoundError',
    isOn: (xml) => element(xml, 'SSEAlgorithm') !== null,
    words: { en: 'encryption by default', ru: 'шифрование по умолчанию' },
    fix: 'put-bucket-encryption',
  },
  {
    name: 'publicAccessBlocked',
    query: 'publicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    unset: 'NoSuchPublicAccessBlockConfiguration',
    isOn: (xml) =>
      ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].every(
        (name) => element(xml, name) === 'true',
      ),
    words: { en: 'a block of public access', ru: 'запрет публичного доступа' },
    fix: 'put-public-access-block',
  },
  {
    name: 'lifecycle',
    query: 'lifecycle',
    root: 'LifecycleConfiguration',
    unset: 'NoSuchLifecycleConfiguration',
    isOn: (xml) => /<Status>\s*Enabled\s*<\/Status>/.test(xml),
    words: { en: 'lifecycle rules', ru: 'правила жизненного цикла' },
    fix: 'put-bucket-lifecycle-configuration',
  },
];

/** Text of the first element of a name; null: there is none. */
export function element(xml: string, name: string): string | null {
  return new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1]?.trim() ?? null;
}

/** Code of an error answer, such as `NoSuchBucket`. */
export function errorCode(reply: Reply): string {
  return element(reply.body, 'Code') ?? String(reply.status);
}

/** What the server says about one setting. */
export function settingAnswer({ root, unset, isOn, words, fix }: Setting, wanted: boolean, reply: Reply, bucket: string): Answer {
  const expected = wanted
    ? { en: `${words.en} on`, ru: `включено: ${words.ru}` }
    : { en: `${words.en} off`, ru: `выключено: ${words.ru}` };
  const isAnswered = reply.status === 200 && new RegExp(`<${root}[\\s/>]`).test(reply.body);
  const code = errorCode(reply);
  if (!isAnswered && !(reply.status === 404 && code === unset))
    return {
      status: 'unproven',
      found:
        reply.status === 403
          ? { en: `${words.en}: this key may not see it`, ru: `${words.ru}: этому ключу не видно` }
          : { en: `${words.en}: the server does not say (${code})`, ru: `${words.ru}: сервер не сообщает (${code})` },
      expected,
      fix:
        reply.status === 403
          ? {
              en: `let the key read it (s3:Get… of the bucket ${bucket})`,
              ru: `разрешите ключу это читать (s3:Get… для бакета ${bucket})`,
            }
          : {
              en: 'look it up where the bucket is managed, and confirm it',
              ru: 'посмотрите там, где управляют бакетом, и подтвердите',
            },
    };
  const on = isAnswered && isOn(reply.body);
  return {
    status: on === wanted ? 'pass' : 'fail',
    found: on ? { en: `${words.en} on`, ru: `включено: ${words.ru}` } : { en: `${words.en} off`, ru: `выключено: ${words.ru}` },
    expected,
    fix: on === wanted ? null : { en: `aws s3api ${fix} --bucket ${bucket} …`, ru: `aws s3api ${fix} --bucket ${bucket} …` },
  };
}
