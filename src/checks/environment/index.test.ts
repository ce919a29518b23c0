import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { isDefault, strongLength, weakness } from '../strength.ts';
import { environment } from './index.ts';

const files = new TestFolder(after);
const strong = randomBytes(32).toString('hex');
const weak = 'pA55-of-the-shop';
const env = (text: string, more: object) => () => ({ from: files.write('.env', text), ...more });
const { context } = files;
const key = { variables: { SECRET_KEY: { strong: true } } };

checkConformance('environment', environment, [
  {
    name: 'all there and strong',
    given: env(`SECRET_KEY=${strong}\nexport SMTP_HOST="mail.shop.example" # ours\n`, { present: ['SMTP_HOST'], ...key }),
    status: 'pass',
    found: /SMTP_HOST is set; SECRET_KEY is set/,
    secret: strong,
    context,
  },
  { name: 'one is missing', given: env('A=1', { present: ['B'] }), status: 'fail', found: /B is not set/, fix: /set B/, context },
  { name: 'one is empty', given: env('B=" "', { present: ['B'] }), status: 'fail', found: /B is empty/, context },
  {
    name: 'a short one',
    given: env(`SECRET_KEY=${weak}`, key),
    status: 'fail',
    found: /16 characters, fewer than 32/,
    secret: weak,
    context,
  },
  {
    name: 'a placeholder',
    given: env('API_KEY=<your key>', { present: ['API_KEY'] }),
    status: 'fail',
    found: /placeholder/,
    context,
  },
  {
    name: 'a value that everybody knows',
    given: env('DB_PASSWORD=admin', { present: ['DB_PASSWORD'] }),
    status: 'fail',
    found: /everybody knows/,
    context,
  },
  { name: 'what is no secret may be called so', given: env('DB_USER=admin', { present: ['DB_USER'] }), status: 'pass', context },
  {
    name: 'another form than asked',
    given: env('DATABASE_URL=mysql://u:hunter2-hunter2@db/shop', {
      variables: { DATABASE_URL: { secret: false, pattern: '^postgres(ql)?://' } },
    }),
    status: 'fail',
    found: /does not match/,
    secret: 'hunter2-hunter2',
    context,
  },
  {
    name: 'the environment of the controller',
    given: () => ({ present: ['SHOP_TOKEN'] }),
    status: 'pass',
    found: /SHOP_TOKEN is set/,
    secret: 'of-the-shop-7',
    context: { environment: { SHOP_TOKEN: 'of-the-shop-7' } },
  },
  {
    name: 'a Service of Rampart, with a secret that it names',
    given: () => ({
      from: files.write(
        'service.yaml',
        'apiVersion: rampart/v1\nkind: Service\nspec:\n  target:\n    process:\n      env: { PORT: 80, SECRET_KEY: { env: SHOP_KEY } }\n',
      ),
      present: ['PORT'],
      ...key,
    }),
    status: 'pass',
    secret: strong,
    context: { ...context, environment: { SHOP_KEY: strong } },
  },
  {
    name: 'a Secret of Kubernetes',
    given: () => ({
      from: files.write(
        'secret.yaml',
        `apiVersion: v1\nkind: Secret\ndata: { SECRET_KEY: ${Buffer.from('changeme').toString('base64')} }\n`,
      ),
      ...key,
    }),
    status: 'fail',
    found: /placeholder/,
    context,
  },
  {
    name: 'a value that lies elsewhere',
    given: () => ({
      from: files.write(
        'deployment.json',
        JSON.stringify({ spec: { template: { spec: { containers: [{ env: [{ name: 'SECRET_KEY', valueFrom: {} }] }] } } } }),
      ),
      ...key,
    }),
    status: 'unproven',
    found: /elsewhere/,
    context,
  },
  { name: 'no file', given: () => ({ from: 'gone.env', present: ['A'] }), status: 'unproven', found: /cannot be read/, context },
  {
    name: 'a file without variables',
    given: () => ({ from: files.write('x.yaml', '- 1\n'), present: ['A'] }),
    status: 'unproven',
    found: /no variables/,
    context,
  },
]);

const judged: readonly [value: string, kind: string | undefined][] = [
  ['changeme', 'placeholder'],
  ['changeme123', 'placeholder'],
  ['your-api-key-here', 'placeholder'],
  ['{{ SECRET }}', 'placeholder'],
  ['django-insecure-$2k!4v@8zq', 'placeholder'],
  ['secret', 'default'],
  ['Password1', 'default'],
  ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'not-random'],
  ['0123456789abcdefghijklmnopqrstuvwxyz', 'word'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm', 'word'],
  ['01010101010101010101010101010101', 'not-random'],
  ['thisisourproductionsecretkeyof2026', 'word'],
  ['tooshort', 'short'],
];
for (const [value, kind] of judged)
  test(`${value} is ${kind ?? 'strong'}`, () => assert.equal(weakness(value, strongLength)?.kind, kind));

test('random keys are strong, however they are written, and nobody calls them defaults', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 64, size: 'max' });
  const written = fc.tuple(
    bytes.map(() => randomBytes(32)),
    fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const),
  );
  fc.assert(
    fc.property(written, ([key, as]) => {
      assert.equal(weakness(key.toString(as), strongLength), null);
      assert.equal(isDefault(key.toString(as)), null);
    }),
  );
});
