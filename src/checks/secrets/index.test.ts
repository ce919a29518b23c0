import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { checkConformance, contextFor } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { secrets } from './index.ts';
import { scanText } from './scan-text.ts';

const now = Date.now();
/** Random signs, so that no secret stands in this file, and so that a rule is not written for one. */
const signs = (length: number, of = 'ABCDEFGHJKLMNPQRSTUVWYZabcdefghijkmnopqrstuvwyz23456789'): string =>
  Array.from(randomBytes(length), (byte) => of[byte % of.length]).join('');
const upper = 'ABCDEFGHJKLMNPQRSTUVWYZ234567';
const hex = '123456789abcdef';
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) =>
  `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'shop-1', ...claims })}.${signs(43)}`;
const dashes = '-----';

const real: readonly [rule: string, path: string, text: () => string][] = [
  ['aws-access-key', 'a.js', () => `const id = 'AKIA${signs(16, upper)}'`],
  ['aws-secret-key', 'a.env', () => `AWS_SECRET_ACCESS_KEY=${signs(38)}a7`],
  ['github-token', 'a.md', () => `ghp_${signs(36)}`],
  ['github-token', 'a.md', () => `github_pat_${signs(22)}_${signs(59)}`],
  ['gitlab-token', 'a.yml', () => `token: glpat-${signs(20)}`],
  ['slack-token', 'a.test.js', () => `"xoxb-${signs(12, '23456789')}-${signs(12, '23456789')}-${signs(24)}"`],
  ['slack-webhook', 'a.sh', () => `https://hooks.slack.com/services/T${signs(8, upper)}/B${signs(8, upper)}/${signs(24)}`],
  ['stripe-key', 'a.rb', () => `sk_live_${signs(24)}`],
  ['google-api-key', 'a.html', () => `key=AIza${signs(35)}"`],
  ['npm-token', '.npmrc', () => `//registry.npmjs.org/:_authToken=npm_${signs(36)}`],
  ['pypi-token', 'a.txt', () => `pypi-AgEI${signs(80)}`],
  ['telegram-token', 'a.py', () => `bot = "${signs(10, '23456789')}:AA${signs(33)}"`],
  ['sendgrid-key', 'a.py', () => `SG.${signs(22)}.${signs(43)}`],
  ['jwt', 'a.md', () => jwt({})],
  ['jwt', 'a.md', () => jwt({ exp: now / 1_000 + 60 })],
  ['private-key', 'key.pem', () => `${dashes}BEGIN RSA PRIVATE KEY${dashes}\n${signs(64)}\n${signs(64)}\n`],
  ['private-key', 'a.json', () => `"${dashes}BEGIN PRIVATE KEY${dashes}\\n${signs(64)}\\n"`],
  [
    'private-key',
    'a.pem',
    () => `${dashes}BEGIN EC PRIVATE KEY${dashes}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,1F\n\n${signs(64)}\n`,
  ],
  ['connection-string', 'a.yml', () => `url: postgres://shop:${signs(12)}@db.shop.internal:5432/shop`],
  ['azure-storage-key', 'a.cs', () => `AccountKey=${signs(86)}==;`],
  ['random-value', 'a.js', () => `const dbPassword = "${signs(18)}7b"`],
  ['random-value', 'a.env', () => `SESSION_SECRET=${signs(30)}7b`],
  ['random-value', 'values.yaml', () => `  apiKey: ${signs(30, hex)}7b`],
  ['random-value', 'a.py', () => `settings['API_TOKEN'] = '${signs(30)}7b'`],
  ['random-value', 'a.json', () => `{"client_secret": "${signs(30)}7b"}`],
];
for (const [rule, path, text] of real)
  test(`secrets: a ${rule} in ${path} is found`, () => {
    for (let times = 0; times < 20; times += 1) {
      const given = text();
      assert.deepEqual(
        scanText(`first\n${given}\nlast`, path, true, now).map((hit) => hit.rule),
        [rule],
        given,
      );
    }
  });

const none: readonly [what: string, path: string, text: () => string][] = [
  ['the example of AWS', 'a.md', () => 'AKIAIOSFODNN7EXAMPLE'],
  ['a hash', 'a.js', () => `const sha = '${signs(64, hex)}'`],
  ['an integrity of a package', 'package-lock.json', () => `"integrity": "sha512-${signs(86)}==", "token": "${signs(40)}"`],
  ['a value that is named', 'a.js', () => 'const token = process.env.SHOP_TOKEN2; const secret = "$SHOP_SECRET_7"'],
  ['a stand-in', 'a.env', () => 'API_KEY=your-api-key-1\nSECRET_KEY=changeme123\nTOKEN=<token1234>\nDB_PASSWORD=xxxxxxxx1'],
  ['words', 'a.js', () => 'const secret = "oauth2-client-secret"; const passwordField = "user_password_2"'],
  ['an address without a secret', 'a.md', () => 'postgres://user:password@localhost/shop https://a:b1234567@shop.example/'],
  ['a JWT that has run out', 'a.md', () => jwt({ exp: now / 1_000 - 60 })],
  ['a page about keys', 'a.md', () => `begin with ${dashes}BEGIN PRIVATE KEY${dashes} and then the key`],
  ['a public key', 'a.js', () => `const publicKeyToken = "${signs(30)}7b"`],
  ['a value in a test', 'a.test.js', () => `const password = "${signs(18)}7b"`],
  ['an identifier', 'a.yaml', () => 'tokenId: 3f2b1c4d-9a8e-4b7f-8c6d-5e4f3a2b1c0d'],
  ['where a secret lies', 'a.yaml', () => 'password_file: /run/secrets/db-7\nsecretName: shop-tls-2'],
];
for (const [what, path, text] of none)
  test(`secrets: ${what} is none`, () => {
    const given = text();
    assert.deepEqual(scanText(given, path, true, now), [], given);
  });

test('secrets: a long line takes no more than its length', () => {
  const startMs = performance.now();
  for (const part of ['password', 'eyJ', 'a://b:', 'AKIA', 'aws_secret', `${dashes}BEGIN PRIVATE KEY${dashes}\\n`])
    scanText(part.repeat(1_000_000 / part.length), 'a.env', true, now);
  assert.ok(performance.now() - startMs < 10_000);
});

const token = `ghp_${signs(36)}`;
const gone = `glpat-${signs(20)}`;
const merged = `ghp_${signs(36)}`;
const files = new TestFolder(after);
files.write('src/app.js', `first\nconst t = '${token}';\n`);
files.write('README.md', '# Shop\n');
files.write('.gitignore', '.env\n');
files.write('.env', `API_KEY=${signs(36)}7b\n`);
files.commit();
const clean = new TestFolder(after);
clean.write('old.yml', `a: 1\nb: 2\ntoken: ${gone}\n`);
clean.commit();
clean.write('old.yml', 'a: 1\nb: 2\n');
clean.commit();
clean.git(['checkout', '-q', '-b', 'other']);
clean.write('b.txt', 'b\n');
clean.commit();
clean.git(['checkout', '-q', '-']);
clean.write('c.txt', 'c\n');
clean.commit();
clean.git(['merge', '-q', '--no-commit', 'other']);
// What a merge brings in is in no other commit.
clean.write('c.txt', `c\n${merged}\n`);
clean.commit();
clean.write('c.txt', 'c\n');
clean.commit();
const plain = new TestFolder(after);
plain.write('a.txt', 'nothing\n');
const at =
  (folder: TestFolder, more: object = {}) =>
  () => ({ folder: folder.path, ...more });

checkConformance('secrets', secrets, [
  {
    name: 'one in a file',
    given: at(files),
    status: 'fail',
    found: /^1 secrets in files: src\/app\.js:2 \(github-token\)$/,
    fix: /replace/,
    secret: token,
  },
  { name: 'none in the files', given: at(clean), status: 'pass', found: /looked through/ },
  {
    name: 'two in the history, one of a merge',
    given: at(clean, { history: true }),
    status: 'fail',
    found: /2 more in the history: .*old\.yml:3 \(gitlab-token\)/,
    secret: gone,
  },
  {
    name: 'let through by its path',
    given: at(files, { allow: { paths: [{ glob: 'src/**', reason: 'made up' }] } }),
    status: 'pass',
    found: /1 findings let through/,
  },
  {
    name: 'no repository has no history',
    given: at(plain, { history: true }),
    status: 'unproven',
    found: /history cannot be read: .*not a git repository/,
  },
  { name: 'an empty folder', given: () => ({}), status: 'unproven', found: /no file to look through/ },
  { name: 'no folder', given: () => ({ folder: 'gone' }), status: 'unproven', found: /no folder gone/ },
  {
    name: 'an allow list that cannot be read',
    given() {
      plain.write('.rampart-secrets-allow.yaml', 'paths: [{ glob: "**" }]\n');
      return { folder: plain.path };
    },
    status: 'unproven',
    found: /paths\.0\.reason/,
  },
]);

test('secrets: one is let through by its fingerprint, which stays when it moves', async (t) => {
  const folder = new TestFolder((remove) => t.after(remove));
  folder.write('a.js', `'${token}'`);
  const look = async () => secrets.run(secrets.schema.parse({ folder: folder.path }), await contextFor(t));
  const id = /fingerprint ([0-9a-f]{16})/.exec((await look()).evidence.join('\n'))?.[1];
  folder.write('.rampart-secrets-allow.yaml', `fingerprints:\n  - { id: "${id}", reason: revoked }\n`);
  folder.write('b.js', `\n\n'${token}'`);
  const { status, figures } = await look();
  assert.deepEqual([status, figures.allowed, figures.findings], ['pass', 2, 0]);
});

test('secrets: a history that is not looked through to its end proves nothing', async (t) => {
  const config = secrets.schema.parse({ folder: clean.path, history: true });
  const stop = new AbortController();
  const context = await contextFor(t, { signal: stop.signal });
  // Its time is over when the files have been read.
  const now = () => {
    setImmediate(() => stop.abort());
    return Date.now();
  };
  const result = await secrets.run(config, { ...context, now }).catch((error: Error) => error.name);
  assert.ok(result === 'AbortError' || (typeof result === 'object' && result.status !== 'pass'), JSON.stringify(result));
});
