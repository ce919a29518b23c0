import { createPublicKey } from 'node:crypto';
import type { Text } from '../../spec/text.ts';
import type { Finding } from '../sentences.ts';
import type { DnsConfig } from './schema.ts';

type Spf = NonNullable<DnsConfig['spf']>;
type Dmarc = NonNullable<DnsConfig['dmarc']>;

const policies: readonly string[] = ['none', 'quarantine', 'reject'];

/** SPF of a name (RFC 7208), in its texts. */
export function spfPoint(name: string, { contains, all }: Spf, texts: readonly string[]): Finding {
  const records = texts.filter((text) => /^v=spf1( |$)/i.test(text));
  const [record] = records;
  const fix = {
    en: `give ${name} one TXT record such as v=spf1 mx -all`,
    ru: `задайте для ${name} одну запись TXT, например v=spf1 mx -all`,
  };
  if (record === undefined) return failed({ en: `SPF ${name}: there is none`, ru: `SPF ${name}: нет записи` }, fix);
  // Receivers give up then (RFC 7208, 4.5).
  if (records.length > 1)
    return failed(
      { en: `SPF ${name}: there are ${records.length} of them`, ru: `SPF ${name}: записей несколько (${records.length})` },
      fix,
    );
  const parts = record.toLowerCase().split(/\s+/);
  const missing = contains.filter((part) => !parts.includes(part.toLowerCase()));
  if (missing.length > 0)
    return failed({ en: `SPF ${name} lacks ${missing.join(', ')}`, ru: `в SPF ${name} нет ${missing.join(', ')}` }, fix);
  const end = parts.find((part) => /^[+?~-]?all$/.test(part));
  const isRedirected = parts.some((part) => part.startsWith('redirect='));
  const isEnough =
    all === 'any' || end === '-all' || (all === 'softfail' && end === '~all') || (end === undefined && isRedirected);
  if (!isEnough)
    return failed(
      {
        en: `SPF ${name} lets others send too: ${end ?? 'it has no all'}`,
        ru: `SPF ${name} разрешает отправку и другим: ${end ?? 'нет all'}`,
      },
      fix,
    );
  return { status: 'pass', text: `SPF ${name}: ${record.slice(0, 200)}` };
}

/** DMARC of a name (RFC 7489), in the texts of `_dmarc` below it. */
export function dmarcPoint(name: string, { policy, reports }: Dmarc, texts: readonly string[]): Finding {
  const records = texts.filter((text) => /^v=DMARC1\s*(;|$)/.test(text));
  const fix = {
    en: `give _dmarc.${name} one TXT record such as v=DMARC1; p=${policy}; rua=mailto:dmarc@${name}`,
    ru: `задайте для _dmarc.${name} одну запись TXT, например v=DMARC1; p=${policy}; rua=mailto:dmarc@${name}`,
  };
  const [record] = records;
  if (record === undefined) return failed({ en: `DMARC ${name}: there is none`, ru: `DMARC ${name}: нет записи` }, fix);
  if (records.length > 1)
    return failed(
      { en: `DMARC ${name}: there are ${records.length} of them`, ru: `DMARC ${name}: записей несколько (${records.length})` },
      fix,
    );
  const tags = tagsOf(record);
  const given = tags.get('p')?.toLowerCase() ?? '';
  if (policies.indexOf(given) < policies.indexOf(policy))
    return failed({ en: `DMARC ${name} asks for p=${given || 'nothing'}`, ru: `DMARC ${name}: p=${given || 'нет'}` }, fix);
  // Of a part alone is as good as of none for whoever forges mail.
  if (tags.has('pct') && tags.get('pct') !== '100')
    return failed(
      {
        en: `DMARC ${name} counts for ${tags.get('pct')} % alone`,
        ru: `DMARC ${name} действует только для ${tags.get('pct')} %`,
      },
      fix,
    );
  if (reports && !tags.has('rua'))
    return failed(
      { en: `DMARC ${name} names nobody who gets reports (rua)`, ru: `в DMARC ${name} нет адреса отчётов (rua)` },
      fix,
    );
  return { status: 'pass', text: `DMARC ${name}: ${record.slice(0, 200)}` };
}

/** A DKIM key (RFC 6376), in the texts of `SELECTOR._domainkey` below the name. */
export function dkimPoint(place: string, bits: number, texts: readonly string[]): Finding {
  const fix = {
    en: `give ${place} the TXT record of your mail system`,
    ru: `задайте для ${place} запись TXT из вашей почтовой системы`,
  };
  const record = texts.find((text) => tagsOf(text).has('p'));
  if (record === undefined) return failed({ en: `DKIM ${place}: there is no key`, ru: `DKIM ${place}: нет ключа` }, fix);
  const tags = tagsOf(record);
  const key = (tags.get('p') ?? '').replace(/\s+/g, '');
  if (key === '') return failed({ en: `DKIM ${place}: the key is taken back`, ru: `DKIM ${place}: ключ отозван` }, fix);
  if ((tags.get('k') ?? 'rsa') !== 'rsa') return { status: 'pass', text: `DKIM ${place}: ${tags.get('k')}` };
  const length = rsaBits(key);
  if (length === null) return failed({ en: `DKIM ${place}: the key cannot be read`, ru: `DKIM ${place}: ключ не читается` }, fix);
  if (length < bits)
    return failed(
      {
        en: `DKIM ${place}: the key has ${length} bits, less than ${bits}`,
        ru: `DKIM ${place}: длина ключа ${length} бит, меньше ${bits}`,
      },
      fix,
    );
  return { status: 'pass', text: { en: `DKIM ${place}: RSA, ${length} bits`, ru: `DKIM ${place}: RSA, ${length} бит` } };
}

function tagsOf(record: string): ReadonlyMap<string, string> {
  return new Map(
    record.split(';').flatMap((part): [string, string][] => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]];
    }),
  );
}

function rsaBits(key: string): number | null {
  try {
    return (
      createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength ??
      null
    );
  } catch {
    return null;
  }
}

function failed(text: Text, fix: Text): Finding {
  return { status: 'fail', text, fix };
}
