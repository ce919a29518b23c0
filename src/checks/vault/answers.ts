import { isMapping } from '../../spec/mapping.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import type { VaultConfig } from './schema.ts';

type Secret = VaultConfig['secrets'][number];

/** What is known of a secret, and nothing of its values. */
export type SecretState =
  | { readonly kind: 'missing' }
  /** The token may not see it. */
  | { readonly kind: 'denied' }
  | { readonly kind: 'unknown'; readonly why: string }
  | {
      readonly kind: 'found';
      /** null: nobody has asked for them, or they may not be seen. */
      readonly keys: readonly string[] | null;
      /** When its newest version was written, Unix ms; null: nobody keeps that. */
      readonly writtenMs: number | null;
      /** Whether its newest version was deleted or destroyed. */
      readonly isDeleted: boolean;
    };

/** `{ "data": … }` of an answer of Vault; null: it is no such answer. */
export function dataOf(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isMapping(parsed) && isMapping(parsed.data) ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A version of a secret. */
type Version = { readonly writtenMs: number | null; readonly isDeleted: boolean };

/** The newest version by `GET /:mount/metadata/:path` of KV version 2; null: it has none, or is told otherwise. */
export function newestVersion(data: Readonly<Record<string, unknown>>, nowMs: number): Version | null {
  const { versions, current_version: current } = data;
  const newest = isMapping(versions) ? versions[String(current)] : undefined;
  return isMapping(newest) ? versionOf(newest, nowMs) : null;
}

/** As it stands in the list of versions, and beside the data of one. */
export function versionOf(
  { created_time: created, deletion_time: deletion, destroyed }: Readonly<Record<string, unknown>>,
  nowMs: number,
): Version {
  const writtenMs = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  // A time to come is when it will be deleted (delete_version_after).
  const isDeleted = typeof deletion === 'string' && deletion !== '' && Date.parse(deletion) <= nowMs;
  return { writtenMs: Number.isFinite(writtenMs) ? writtenMs : null, isDeleted: isDeleted || destroyed === true };
}

/** Whether a secret is as it is wanted. */
export function secretAnswer({ mount, path, keys: wanted, maxAge }: Secret, state: SecretState, nowMs: number): Answer {
  const name = `${mount}/${path}`;
  const age = maxAge === undefined ? null : durationText(maxAge);
  const expected = {
    en: `a secret at ${name}${wanted.length > 0 ? ` with ${wanted.join(', ')}` : ''}${age === null ? '' : `, not older than ${age}`}`,
    ru: `секрет ${name}${wanted.length > 0 ? ` с ключами ${wanted.join(', ')}` : ''}${age === null ? '' : `, не старше ${age}`}`,
  };
  const answer = (status: Answer['status'], found: Answer['found'], fix: Answer['fix']): Answer => ({
    status,
    found,
    expected,
    fix,
  });
  switch (state.kind) {
    case 'missing':
      return answer(
        'fail',
        { en: `there is no secret at ${name}`, ru: `секрета ${name} нет` },
        { en: `vault kv put ${name} …`, ru: `vault kv put ${name} …` },
      );
    case 'denied':
      return answer(
        'unproven',
        { en: `the token is not valid, or may not see ${name}`, ru: `токен недействителен или ему не виден ${name}` },
        {
          en: `let its policy read ${mount}/metadata/${path} and ${mount}/subkeys/${path} (version 1: ${name})`,
          ru: `разрешите его политике читать ${mount}/metadata/${path} и ${mount}/subkeys/${path} (версия 1: ${name})`,
        },
      );
    case 'unknown':
      return answer(
        'unproven',
        { en: `${name}: ${state.why}`, ru: `${name}: ${state.why}` },
        { en: 'correct mount, path and engine', ru: 'исправьте mount, path и engine' },
      );
    case 'found': {
      const lost = wanted.filter((key) => state.keys !== null && !state.keys.includes(key));
      if (state.isDeleted)
        return answer(
          'fail',
          { en: `the newest version of ${name} is deleted`, ru: `последняя версия ${name} удалена` },
          { en: `vault kv put ${name} …`, ru: `vault kv put ${name} …` },
        );
      if (lost.length > 0)
        return answer(
          'fail',
          { en: `${name} has no ${lost.join(', ')}`, ru: `в ${name} нет ${lost.join(', ')}` },
          { en: `vault kv patch ${name} ${lost[0]}=…`, ru: `vault kv patch ${name} ${lost[0]}=…` },
        );
      const ageMs = state.writtenMs === null ? null : Math.max(0, nowMs - state.writtenMs);
      if (maxAge !== undefined && ageMs === null)
        return answer(
          'unproven',
          { en: `${name}: when it was written is not kept`, ru: `${name}: время записи не хранится` },
          { en: 'move it to version 2 of the engine', ru: 'перенесите его в движок версии 2' },
        );
      const days = ageMs === null ? null : Math.floor(ageMs / 86_400_000);
      const figures = days === null ? {} : { [`ageDays.${name}`]: days };
      if (maxAge !== undefined && ageMs !== null && ageMs > maxAge)
        return {
          ...answer(
            'fail',
            { en: `${name} was last changed ${days} days ago`, ru: `${name} не меняли дней: ${days}` },
            {
              en: 'rotate it: make a new one where it is used, then write it',
              ru: 'смените его: выпустите новый там, где он используется, затем запишите',
            },
          ),
          figures,
        };
      const shown =
        days === null || age === null
          ? { en: name, ru: name }
          : { en: `${name}, ${days} days old`, ru: `${name}, дней: ${days}` };
      return { ...answer('pass', shown, null), figures };
    }
  }
}
