import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CheckCase, checkConformance, contextFor } from '../conformance.ts';
import { silentAddress, talking } from '../servers.fixture.ts';
import { bucketUrl, s3 } from './index.ts';
import { SignedS3, signatureOf } from './signed-s3.fixture.ts';

test('the gate calculates signatures as the S3 API reference does in its example', () => {
  const { given, right } = signatureOf(
    {
      method: 'GET',
      path: '/test.txt',
      headers: {
        host: 'examplebucket.s3.amazonaws.com',
        range: 'bytes=0-9',
        'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        'x-amz-date': '20130524T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      },
    },
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  );
  assert.equal(right, given);
});

describe('an S3 server', () => {
  let server: SignedS3;
  before(async () => {
    server = await SignedS3.start('shop-files');
  });
  after(() => server.close());

  const keys = { accessKey: { env: 'KEY_ID' }, secretKey: { env: 'KEY' } };
  const environment = { KEY_ID: 'S3RVER', KEY: 'correct horse', WRONG: 'battery staple' };
  const given =
    (more = {}) =>
    () => ({ bucket: 'shop-files', endpoint: server.endpoint, ...keys, ...more });
  /** One part of the configuration, as the S3 API reference shows its answer. */
  const set =
    (name: string, query: string, status: number, xml: string, wanted = true) =>
    () => {
      server.settings.clear();
      server.settings.set(query, { status, xml });
      return { ...given({ access: 'read', [name]: wanted })() };
    };
  const failure = (code: string) => `<Error><Code>${code}</Code><Message>none</Message></Error>`;
  const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  const block = (restrict: string) =>
    `<PublicAccessBlockConfiguration ${xmlns}><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>${restrict}</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;
  const sse = `<ServerSideEncryptionConfiguration ${xmlns}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`;
  const rules = (status: string) =>
    `<LifecycleConfiguration ${xmlns}><Rule><ID>old</ID><Filter/><Status>${status}</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>`;
  const denied =
    (...methods: string[]) =>
    (t: { after(work: () => void): void }) => {
      for (const method of methods) server.denied.add(method);
      t.after(() => server.denied.clear());
      return given()();
    };

  const cases: readonly CheckCase[] = [
    {
      name: 'a bucket is written, read and emptied',
      given: given(),
      status: 'pass',
      found: /^written, read and deleted$/,
      secret: 'correct horse',
    },
    { name: 'a bucket is read alone', given: given({ access: 'read' }), status: 'pass', found: /^it can be read$/ },
    {
      name: 'there is no such bucket',
      given: given({ bucket: 'nowhere' }),
      status: 'fail',
      found: /^there is no bucket nowhere$/,
      fix: /create-bucket/,
    },
    {
      name: 'there is no such bucket to read',
      given: given({ bucket: 'nowhere', access: 'read', versioning: true }),
      status: 'fail',
      found: /^there is no bucket nowhere$/,
    },
    {
      name: 'a wrong secret',
      given: given({ secretKey: { env: 'WRONG' } }),
      status: 'unproven',
      found: /^the key is refused: SignatureDoesNotMatch/,
      fix: /secretKey/,
      secret: 'battery staple',
    },
    {
      name: 'a key that nobody knows',
      given: given({ accessKey: { env: 'WRONG' } }),
      status: 'unproven',
      found: /InvalidAccessKeyId/,
    },
    {
      name: 'a key that is not there',
      given: given({ accessKey: { env: 'NOT_SET' } }),
      status: 'unproven',
      found: /NOT_SET is not set/,
    },
    {
      name: 'a key that may not write',
      given: denied('PUT'),
      status: 'fail',
      found: /^it cannot be written: AccessDenied$/,
      fix: /s3:PutObject/,
    },
    { name: 'a key that may not read', given: denied('GET'), status: 'fail', found: /^it cannot be read: AccessDenied$/ },
    { name: 'a key that may not delete', given: denied('DELETE'), status: 'fail', found: /^it cannot be emptied: AccessDenied$/ },
    {
      name: 'versions are kept',
      given: set(
        'versioning',
        'versioning',
        200,
        `<VersioningConfiguration ${xmlns}><Status>Enabled</Status></VersioningConfiguration>`,
      ),
      status: 'pass',
      found: /versioning on$/,
    },
    {
      name: 'versions were never kept',
      given: set('versioning', 'versioning', 200, `<VersioningConfiguration ${xmlns}/>`),
      status: 'fail',
      found: /^versioning off$/,
      fix: /put-bucket-versioning/,
    },
    { name: 'it is encrypted', given: set('encryption', 'encryption', 200, sse), status: 'pass' },
    {
      name: 'it is not encrypted',
      given: set('encryption', 'encryption', 404, failure('ServerSideEncryptionConfigurationNotFoundError')),
      status: 'fail',
      found: /^encryption by default off$/,
    },
    {
      name: 'nobody can make it public',
      given: set('publicAccessBlocked', 'publicAccessBlock', 200, block('true')),
      status: 'pass',
    },
    {
      name: 'it can still be made public',
      given: set('publicAccessBlocked', 'publicAccessBlock', 200, block('false')),
      status: 'fail',
    },
    { name: 'rules say how long objects are kept', given: set('lifecycle', 'lifecycle', 200, rules('Enabled')), status: 'pass' },
    { name: 'rules that are off', given: set('lifecycle', 'lifecycle', 200, rules('Disabled')), status: 'fail' },
    {
      name: 'no rules, as it should be',
      given: set('lifecycle', 'lifecycle', 404, failure('NoSuchLifecycleConfiguration'), false),
      status: 'pass',
      found: /lifecycle rules off$/,
    },
    {
      name: 'a setting that may not be seen',
      given: set('lifecycle', 'lifecycle', 403, failure('AccessDenied')),
      status: 'unproven',
      found: /may not see it/,
    },
    {
      name: 'a server that has no such setting',
      given: given({ access: 'read', encryption: true }),
      status: 'unproven',
      found: /the server does not say/,
      fix: /confirm/,
    },
    {
      name: 'a server that answers another question',
      given: given({ access: 'read', versioning: true }),
      status: 'unproven',
      found: /the server does not say/,
    },
    {
      name: 'another region',
      given: set('lifecycle', 'list-type', 301, '<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>'),
      status: 'unproven',
      found: /another region: eu-west-1$/,
      fix: /^region: eu-west-1$/,
    },
  ];
  checkConformance(
    's3',
    s3,
    cases.map((one) => ({
      ...one,
      given(t) {
        server.settings.clear();
        return one.given(t);
      },
      context: { environment },
    })),
  );

  test('s3: what was written is deleted, also when it could not be read', async (t) => {
    server.requests.length = 0;
    server.denied.add('GET');
    t.after(() => server.denied.clear());
    await s3.run(s3.schema.parse(given({ prefix: 'scratch/' })()), await contextFor(t, { environment }));
    assert.match(server.requests.join(' '), /^PUT (\/shop-files\/scratch\/[\w-]+) GET \1 DELETE \1$/);
  });
});

const nowhere = (endpoint: string, more = {}) => ({
  bucket: 'shop',
  endpoint,
  accessKey: { env: 'PATH' },
  secretKey: { env: 'PATH' },
  ...more,
});
checkConformance(
  's3',
  s3,
  [
    { name: 'nothing listens', given: () => nowhere('http://127.0.0.1:1'), status: 'fail', found: /refused/ },
    {
      name: 'it never answers',
      given: async (t) => nowhere(await silentAddress(t), { within: '200ms' }),
      status: 'fail',
      found: /^no answer within 200 ms$/,
    },
    {
      name: 'TLS where there is none',
      given: async (t) =>
        nowhere(
          `https://127.0.0.1:${await talking(t, (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')))}`,
        ),
      status: 'fail',
    },
  ],
  async (t) => nowhere(await silentAddress(t), { within: '60s' }),
);

test('the bucket stands in the host of AWS, and in the path of others', () => {
  const url = (more: object) => bucketUrl(s3.schema.parse({ ...nowhere('http://minio:9000/s3'), ...more }) as never).href;
  assert.equal(url({ endpoint: undefined, region: 'eu-central-1' }), 'https://shop.s3.eu-central-1.amazonaws.com/');
  assert.equal(url({}), 'http://minio:9000/s3/shop/');
  assert.equal(url({ style: 'host', endpoint: 'https://storage.example' }), 'https://shop.storage.example/');
});
