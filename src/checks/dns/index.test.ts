import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, type TestContext, test } from 'node:test';
import { Knot, knotProgram } from '../../../test/programs/knot.ts';
import { checkConformance } from '../conformance.ts';
import { closedPort } from '../servers.fixture.ts';
import { dns } from './index.ts';
import { dmarcPoint, spfPoint } from './mail-records.ts';

const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).publicKey.toString('base64');
/** A text of more than 255 letters stands in parts. */
const inParts = (text: string) => (text.match(/.{1,200}/g) ?? []).map((part) => `"${part}"`).join(' ');

const zone = `$ORIGIN shop.example.
$TTL 60
@ SOA ns1 admin 1 3600 600 86400 60
@ NS ns1
ns1 A 127.0.0.1
@ A 192.0.2.10
@ A 192.0.2.11
@ AAAA 2001:db8::10
@ MX 10 mail
@ MX 20 backup
@ CAA 0 issue "letsencrypt.org"
@ TXT "v=spf1 mx include:_spf.mail.example -all"
@ TXT "site-verification=abc"
www CNAME shop.example.
mail A 192.0.2.20
_sip._tcp SRV 10 5 5060 sip
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"
good._domainkey TXT ${inParts(`v=DKIM1; k=rsa; p=${rsa(2048)}`)}
weak._domainkey TXT ${inParts(`v=DKIM1; p=${rsa(512)}`)}
gone._domainkey TXT "v=DKIM1; p="
many TXT "v=spf1 -all"
many TXT "v=spf1 +all"
open TXT "v=spf1 ?all"
`;

/** A name server that takes questions and never answers. */
async function silentServer(t: TestContext): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

const program = await knotProgram();
if ('missing' in program) test('dns', { skip: program.missing }, () => {});
else {
  const knot = await Knot.start(program.path, { 'shop.example': zone, 'broken.example': null });
  after(() => knot.close());
  const servers = [knot.address];
  const shop = { servers, name: 'shop.example' };

  checkConformance(
    'dns',
    dns,
    [
      {
        name: 'all is as expected',
        given: () => ({
          ...shop,
          a: ['192.0.2.11', '192.0.2.10'],
          aaaa: ['2001:DB8:0:0:0:0:0:10'],
          mx: ['10 mail.shop.example.', 'backup.shop.example'],
          txt: { contains: ['site-verification=abc'] },
          caa: ['0 issue letsencrypt.org'],
          ns: ['ns1.shop.example'],
          spf: { contains: ['include:_spf.mail.example'], all: 'fail' },
          dmarc: { reports: true },
          dkim: { selectors: ['good'], bits: 2048 },
        }),
        status: 'pass',
        found: /A shop\.example: 192\.0\.2\.1/,
      },
      {
        name: 'another name of a name',
        given: () => ({ servers, name: 'www.shop.example', cname: ['shop.example'] }),
        status: 'pass',
      },
      {
        name: 'a place of a service',
        given: () => ({ servers, name: '_sip._tcp.shop.example', srv: ['10 5 5060 sip.shop.example'] }),
        status: 'pass',
      },
      { name: 'any', given: () => ({ ...shop, a: 'any', caa: 'any' }), status: 'pass' },
      {
        name: 'an address is missing and another is too much',
        given: () => ({ ...shop, a: ['192.0.2.10', '192.0.2.99'] }),
        status: 'fail',
        found: /^A shop\.example: 192\.0\.2\.99 is missing, 192\.0\.2\.11 is not expected$/,
      },
      {
        name: 'none of this kind',
        given: () => ({ servers, name: 'mail.shop.example', aaaa: 'any' }),
        status: 'fail',
        found: /^AAAA mail\.shop\.example: there is none$/,
      },
      { name: 'none is expected', given: () => ({ servers, name: 'mail.shop.example', aaaa: 'none' }), status: 'pass' },
      { name: 'one is there that must not', given: () => ({ ...shop, aaaa: 'none' }), status: 'fail', found: /2001:db8::10/ },
      {
        name: 'NXDOMAIN',
        given: () => ({ servers, name: 'nowhere.shop.example', a: 'any' }),
        status: 'fail',
        found: /the name does not exist \(NXDOMAIN\)/,
      },
      {
        name: 'SERVFAIL',
        given: () => ({ servers, name: 'broken.example', a: 'any' }),
        status: 'fail',
        found: /has failed \(SERVFAIL\)/,
      },
      { name: 'REFUSED', given: () => ({ servers, name: 'other.example', a: 'any' }), status: 'fail', found: /REFUSED/ },
      {
        name: 'a name server that does not answer',
        given: async (t) => ({ servers: [await silentServer(t)], name: 'shop.example', a: 'any', within: '200ms' }),
        status: 'fail',
        found: /the name server does not answer/,
      },
      {
        name: 'no name server',
        given: async () => ({ servers: [`127.0.0.1:${await closedPort()}`], name: 'shop.example', a: 'any', within: '2s' }),
        status: 'fail',
        found: /name server/,
      },
      {
        name: 'no SPF',
        given: () => ({ servers, name: 'mail.shop.example', spf: {} }),
        status: 'fail',
        found: /SPF mail\.shop\.example: there is none/,
      },
      {
        name: 'two SPF',
        given: () => ({ servers, name: 'many.shop.example', spf: {} }),
        status: 'fail',
        found: /there are 2 of them/,
      },
      {
        name: 'an SPF that lets everybody send',
        given: () => ({ servers, name: 'open.shop.example', spf: {} }),
        status: 'fail',
        found: /lets others send too: \?all/,
      },
      {
        name: 'a DMARC that is too weak',
        given: () => ({ ...shop, dmarc: { policy: 'reject' } }),
        status: 'fail',
        found: /asks for p=quarantine/,
      },
      {
        name: 'no DMARC',
        given: () => ({ servers, name: 'mail.shop.example', dmarc: {} }),
        status: 'fail',
        found: /DMARC mail\.shop\.example: there is none/,
      },
      {
        name: 'DKIM keys that are weak, taken back, or not there',
        given: () => ({ ...shop, dkim: { selectors: ['weak', 'gone', 'none'] } }),
        status: 'fail',
        found: /the key has 512 bits, less than 1024.*the key is taken back.*there is no key/,
      },
    ],
    async (t) => ({ servers: [await silentServer(t)], name: 'shop.example', a: 'any', within: '60s' }),
  );
}

test('dns: a DMARC for a part of the mail is none', () => {
  const point = (text: string) => dmarcPoint('a.example', { policy: 'quarantine', reports: false }, [text]).status;
  assert.equal(point('v=DMARC1; p=reject; pct=10'), 'fail');
  assert.equal(point('v=DMARC1; p=reject; pct=100'), 'pass');
  assert.equal(point('v=DMARC1;p=none'), 'fail');
});

test('dns: an SPF that is another one’s', () => {
  const point = (text: string) => spfPoint('a.example', { contains: [], all: 'fail' }, [text]).status;
  assert.equal(point('v=spf1 redirect=_spf.a.example'), 'pass');
  assert.equal(point('v=spf1 mx ~all'), 'fail');
  assert.equal(point('v=spf10 -all'), 'fail');
});

test('dns: nothing to ask is a mistake', () => {
  assert.match(JSON.stringify(dns.schema.safeParse({ name: 'shop.example' }).error?.issues), /nothing is asked/);
  assert.match(JSON.stringify(dns.schema.safeParse({ name: 'shop example', a: 'any' }).error?.issues), /expected a name/);
});
