import type { Text } from '../../spec/text.ts';
import type { Finding } from '../sentences.ts';
import type { ExpectedRecords } from './schema.ts';

export type RecordKind = 'a' | 'aaaa' | 'cname' | 'mx' | 'txt' | 'caa' | 'ns' | 'srv';

/** Records as texts of one form; an empty list: the name has none of this kind. */
export type Found = readonly string[];

/** How many values a sentence tells. */
const toldMax = 5;

/** What the records of a kind are, against what is expected of them. */
export function recordsPoint(kind: RecordKind, name: string, want: ExpectedRecords, found: Found): Finding {
  const label = `${kind.toUpperCase()} ${name}`;
  const has: Text =
    found.length === 0 ? { en: `${label}: there is none`, ru: `${label}: нет записей` } : `${label}: ${listed(found)}`;
  if (want === 'any')
    return found.length > 0
      ? { status: 'pass', text: has }
      : failed(has, { en: `add a record ${label}`, ru: `добавьте запись ${label}` });
  if (want === 'none')
    return found.length === 0 ? { status: 'pass', text: has } : failed(has, { en: `remove ${label}`, ru: `удалите ${label}` });
  const values = Array.isArray(want) ? want : want.contains;
  const missing = values.filter((value) => !found.some((one) => isSame(kind, value, one)));
  const surplus = Array.isArray(want) ? found.filter((one) => !values.some((value) => isSame(kind, value, one))) : [];
  if (missing.length === 0 && surplus.length === 0) return { status: 'pass', text: has };
  const parts = [
    ...(missing.length > 0 ? [{ en: `${listed(missing)} is missing`, ru: `нет ${listed(missing)}` }] : []),
    ...(surplus.length > 0 ? [{ en: `${listed(surplus)} is not expected`, ru: `лишнее: ${listed(surplus)}` }] : []),
  ];
  const text = {
    en: `${label}: ${parts.map(({ en }) => en).join(', ')}`,
    ru: `${label}: ${parts.map(({ ru }) => ru).join(', ')}`,
  };
  return failed(text, { en: `set ${label} to what is expected`, ru: `приведите ${label} к ожидаемому` });
}

function failed(text: Text, fix: Text): Finding {
  return { status: 'fail', text, fix };
}

function listed(values: readonly string[]): string {
  const told = values.slice(0, toldMax).map((value) => value.slice(0, 200));
  return `${told.join(', ')}${values.length > toldMax ? ` (+${values.length - toldMax})` : ''}`;
}

/** Names are the same in capitals and with a dot at the end; of mail servers and places the number before may be left out. */
function isSame(kind: RecordKind, wanted: string, found: string): boolean {
  if (kind === 'txt') return wanted === found;
  const one = plain(kind, wanted);
  const other = plain(kind, found);
  if (one === other) return true;
  return kind === 'mx' && !one.includes(' ') && other.split(' ')[1] === one;
}

function plain(kind: RecordKind, value: string): string {
  const text = value.trim().replace(/\s+/g, ' ').toLowerCase().replace(/\.$/, '');
  if (kind === 'caa') return text.replaceAll('"', '');
  if (kind !== 'aaaa') return text;
  // One form of an address: as a URL writes it.
  return URL.parse(`http://[${text}]`)?.hostname.slice(1, -1) ?? text;
}
