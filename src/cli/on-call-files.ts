import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import { nearest } from '../spec/nearest.ts';
import { type OnCallDocuments, readOnCall } from '../spec/on-call-documents.ts';
import { documentText } from '../spec/text-file.ts';
import { type CommonOptions, withCommon } from './command.ts';
import { type LanguageOption, withLanguage } from './language.ts';
import { comingMs } from './moment.ts';

/** Options of every command that tells of a time. */
export type TimeOptions = CommonOptions & LanguageOption & { readonly at?: string; readonly days?: string };

/** Adds `--at` and what every command has. */
export function withTime(command: Command): Command {
  return withLanguage(withCommon(command)).option(
    '--at <moment>',
    'as of when: 2026-12-01T10:00:00Z, or +2h from now (default: now)',
  );
}

/**
 * The documents of files that belong together.
 *
 * @throws SpecError, UserError as `readOnCall` and `documentText`.
 */
export async function documentsOf(files: readonly string[]): Promise<OnCallDocuments> {
  const names = [...new Set(files)];
  return readOnCall(await Promise.all(names.map(async (one) => ({ file: one, text: await documentText(one) }))));
}

/** @throws UserError `E_INPUT` when none is called so. */
export function named<Document extends { readonly name: string }>(
  what: string,
  name: string,
  all: readonly Document[],
): Document {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw unknownName(
    what,
    name,
    all.map((one) => one.name),
  );
}

/**
 * Somebody with a document, or in a schedule: files of a part of a setup may lack the people.
 *
 * @throws UserError `E_INPUT`.
 */
export function namedPerson(name: string, { people, schedules }: Pick<OnCallDocuments, 'people' | 'schedules'>): void {
  const called = schedules.flatMap(({ layers, overrides }) => [
    ...layers.flatMap((layer) => layer.people),
    ...overrides.map(({ person }) => person),
  ]);
  const all = [...new Set([...people.map((one) => one.name), ...called])];
  if (!all.includes(name)) throw unknownName('person', name, all);
}

function unknownName(what: string, name: string, all: readonly string[]): UserError {
  const near = nearest(name, all);
  const known = all.length === 0 ? 'none is in the files' : `known: ${all.slice(0, 20).join(', ')}`;
  return new UserError('E_INPUT', `there is no ${what} ${name}`, {
    where: '--file',
    fix: near === undefined ? known : `did you mean ${near}?`,
  });
}

/** The moment that was asked for, in unix milliseconds. */
export function atOf({ at }: TimeOptions): number {
  const nowMs = Date.now();
  return at === undefined ? nowMs : comingMs(at, '--at', nowMs);
}

/** @throws UserError `E_INPUT` for what is no number from 1 to `max`. */
export function daysOf({ days }: TimeOptions, otherwise: number, max = 366): number {
  if (days === undefined) return otherwise;
  const count = /^\d{1,3}$/.test(days) ? Number(days) : 0;
  if (count >= 1 && count <= max) return count;
  throw new UserError('E_INPUT', `--days: expected a number from 1 to ${max}, found ${days}`, {
    where: '--days',
    fix: 'give --days 14',
  });
}
