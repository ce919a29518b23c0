import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { loadService, streamOf } from '../runtime/record.ts';
import type { EventLog } from '../stores/log.ts';
import { openSqliteLog } from '../stores/sqlite/index.ts';
import { dataFolder } from './api-client.ts';
import { environment } from './environment.ts';

/**
 * Opens the log of a data folder to read it, also beside a running controller: nothing that is asked for out of interest takes time
 * from the guard of a live release.
 *
 * @throws UserError `E_LOG_UNAVAILABLE`.
 */
export async function openLog(data: string | undefined): Promise<EventLog> {
  const file = join(dataFolder(data), 'log.db');
  if (existsSync(file)) return await openSqliteLog(file, { verifyTail: 0 });
  throw new UserError('E_LOG_UNAVAILABLE', `there is no log at ${file}`, {
    where: file,
    fix: environment.url
      ? 'this command reads the log itself and asks no controller, so RAMPART_URL is of no use to it: run it where the data folder is'
      : 'name the data folder with --data',
  });
}

/** The release of that id, or the newest of the service of that name. */
export async function releaseOf(log: EventLog, given: string): Promise<string> {
  if (!(await log.streams()).includes(streamOf(given))) return given;
  const { state } = await loadService(log, given);
  return state.live?.id ?? state.ended[0]?.id ?? given;
}
