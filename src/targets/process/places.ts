import { join } from 'node:path';
import { UserError } from '../../errors.ts';

/** Where everything of one version is: its records while it runs, and its logs. */
export type VersionPlace = { readonly service: string; readonly version: string; readonly folder: string };

/** Folder of a service: one folder per version is inside. @throws UserError `E_NAME`, see `versionPlace`. */
export function serviceFolder(folder: string, service: string): string {
  return join(folder, safeName('service', service));
}

/**
 * The place of a version. Names are refused rather than encoded: the documents' schema already has stricter rules, so a name that fits
 * no file name is an attack or a bug.
 *
 * @throws UserError `E_NAME` when a name could lead out of the folder or is no plain file name.
 */
export function versionPlace(folder: string, service: string, version: string): VersionPlace {
  return { service, version, folder: join(serviceFolder(folder, service), safeName('version', version)) };
}

/** File of an instance's record. */
export function recordFile(place: VersionPlace, ordinal: number): string {
  return join(place.folder, `${ordinal}.json`);
}

/** File to which an instance writes its output. Rotated ones have `.1` (newest), `.2` … behind. */
export function logFile(place: VersionPlace, ordinal: number): string {
  return join(place.folder, `${ordinal}.log`);
}

/** Ordinal of an instance by the name of its record, or undefined for any other file. */
export function ordinalOf(name: string): number | undefined {
  const found = /^(0|[1-9]\d{0,5})\.json$/.exec(name);
  return found ? Number(found[1]) : undefined;
}

function safeName(what: string, name: string): string {
  if (/^[0-9A-Za-z][0-9A-Za-z._+-]{0,127}$/.test(name) && !name.includes('..')) return name;
  throw new UserError('E_NAME', `${JSON.stringify(name.slice(0, 140))} cannot be the name of a ${what}`, {
    where: what,
    fix: 'use at most 128 letters, digits and . _ + - without two dots in a row',
  });
}
