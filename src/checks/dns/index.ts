import { defineCheck } from '../check.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { type Lookup, lookupAt } from './lookup.ts';
import { dkimPoint, dmarcPoint, spfPoint } from './mail-records.ts';
import { type Found, type RecordKind, recordsPoint } from './records.ts';
import { DnsConfig } from './schema.ts';

const kinds = ['a', 'aaaa', 'cname', 'mx', 'txt', 'caa', 'ns', 'srv'] as const satisfies readonly RecordKind[];

/** What the name system says about one name. */
export const dns = defineCheck({
  title: { en: 'DNS records', ru: 'Записи DNS' },
  schema: DnsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, { signal }) {
    signal.throwIfAborted();
    const lookup = lookupAt(config.servers, config.within);
    const cancel = () => lookup.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const points = await pointsOf(config, lookup);
      signal.throwIfAborted();
      const lookedAt = `${config.name}${config.servers ? ` @ ${config.servers.join(', ')}` : ''}`;
      const expected = { en: 'the records that are expected', ru: 'ожидаемые записи' };
      return resultOf(lookedAt, expected, points, { questions: points.length });
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  },
});

async function pointsOf({ name, spf, dmarc, dkim, ...rest }: DnsConfig, lookup: Lookup): Promise<readonly Finding[]> {
  const asked: Promise<Finding>[] = [];
  for (const kind of kinds) {
    const want = rest[kind];
    if (want !== undefined)
      asked.push(pointOf(lookup, kind, name, want === 'none', (found) => recordsPoint(kind, name, want, found)));
  }
  if (spf) asked.push(pointOf(lookup, 'txt', name, true, (found) => spfPoint(name, spf, found)));
  if (dmarc) asked.push(pointOf(lookup, 'txt', `_dmarc.${name}`, true, (found) => dmarcPoint(name, dmarc, found)));
  for (const selector of dkim?.selectors ?? []) {
    const place = `${selector}._domainkey.${name}`;
    asked.push(pointOf(lookup, 'txt', place, true, (found) => dkimPoint(place, dkim?.bits ?? 0, found)));
  }
  return await Promise.all(asked);
}

/** @param mayBeMissing - Whether a name that does not exist at all is as good as one without such a record. */
async function pointOf(
  lookup: Lookup,
  kind: RecordKind,
  name: string,
  mayBeMissing: boolean,
  judge: (found: Found) => Finding,
): Promise<Finding> {
  const looked = await lookup.look(kind, name);
  const label = `${kind.toUpperCase()} ${name}`;
  if (looked.kind === 'failed') {
    const { text } = looked;
    return {
      status: 'fail',
      text: {
        en: `${label}: ${typeof text === 'string' ? text : text.en}`,
        ru: `${label}: ${typeof text === 'string' ? text : text.ru}`,
      },
      fix: {
        en: 'see that the name server runs, and that it knows the zone',
        ru: 'проверьте, что сервер имён работает и знает эту зону',
      },
    };
  }
  if (looked.isMissing && !mayBeMissing)
    return {
      status: 'fail',
      text: { en: `${label}: the name does not exist (NXDOMAIN)`, ru: `${label}: имя не существует (NXDOMAIN)` },
      fix: { en: `register ${name}, or add it to its zone`, ru: `зарегистрируйте ${name} или добавьте его в зону` },
    };
  return judge(looked.records);
}
