/** One server of the backend, as HAProxy says it is. */
export type ServerRow = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 to 256, relative to the other servers. */
  readonly weight: number;
  /** Neither in maintenance nor draining, so that it gets new requests (when its weight is above 0). */
  readonly isIn: boolean;
};

/** The backend and the counters of its servers, as HAProxy says them. */
export type BackendStats = {
  readonly mode: string;
  readonly algorithm: string;
  readonly servers: ReadonlyMap<string, ServerStats>;
};

export type ServerStats = {
  /** Only there when all others are down. */
  readonly isBackup: boolean;
  /** Requests under way. */
  readonly current: number;
  /** Everything that was ever given to it: rises only, until HAProxy is started anew or somebody clears its counters. */
  readonly given: number;
  readonly counters: ServerCounters;
};

/** Totals since HAProxy was started. All but `connect`, `moved` and `status` are reckoned from several, so they may fall for a moment. */
export type ServerCounters = {
  /** Requests that ended on this server in whatever way, each once. */
  readonly n: number;
  /** Answers 5xx. */
  readonly status: number;
  /** Requests for which no connection could be made, also those that another server then took. */
  readonly connect: number;
  /** Of `connect`, those that another server took. */
  readonly moved: number;
  /** No whole answer: none in time, one that is not HTTP, or one that ended too early. */
  readonly broken: number;
  /**
   * Requests that were given to the server, are over, and were answered by nobody: where a kept connection ends without an answer,
   * HAProxy hangs up on its client and counts nothing. Answers under way hide as many of them, so this also falls and rises again.
   */
  readonly lost: number;
};

/** HAProxy keeps this bit (`SRV_ADMF_CMAINT`) for a server that its configuration disabled, also after it was made ready. */
const wasDisabled = 0x04;

/** Reads the answer to `show servers state BACKEND` (format 1). */
export function serverRows(answer: string): readonly ServerRow[] {
  const lines = answer.split('\n');
  const header = lines
    .find((line) => line.startsWith('# '))
    ?.slice(2)
    .split(' ');
  if (!header) throw new Error(`no list of servers: ${answer.slice(0, 200).trim()}`);
  return lines.flatMap((line) => {
    if (line.startsWith('#')) return [];
    const values = line.split(' ');
    if (values.length < header.length) return [];
    const field = (name: string): string => values[header.indexOf(name)] ?? '';
    return [
      {
        name: field('srv_name'),
        host: field('srv_addr'),
        port: Number(field('srv_port')),
        weight: Number(field('srv_uweight')),
        isIn: (Number(field('srv_admin_state')) & ~wasDisabled) === 0,
      },
    ];
  });
}

/** Reads the answer to `show stat BACKEND 6 -1` (CSV; none of the columns that are read is ever quoted). */
export function backendStats(answer: string): BackendStats {
  const lines = answer.split('\n');
  const header = lines
    .find((line) => line.startsWith('# '))
    ?.slice(2)
    .split(',');
  if (!header) throw new Error(`no statistics: ${answer.slice(0, 200).trim()}`);
  const servers = new Map<string, ServerStats>();
  let mode = '';
  let algorithm = '';
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const values = line.split(',');
    const field = (name: string): string => values[header.indexOf(name)] ?? '';
    if (field('svname') === 'BACKEND') {
      mode = field('mode');
      algorithm = field('algo');
    } else
      servers.set(
        field('svname'),
        serverStats((name) => Number(field(name) || 0)),
      );
  }
  return { mode, algorithm, servers };
}

function serverStats(count: (name: string) => number): ServerStats {
  // 1xx are not answers of their own. `eresp` holds `srv_abrt`: answers that ended too early, and whose head was counted as well.
  const answers = ['hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'].reduce((sum, name) => sum + count(name), 0);
  // What was given up here and served by another server (`wredis`) was this one's failure, and is that one's answer.
  const connect = count('econ') + count('wredis');
  const n = answers + Math.max(0, count('eresp') - count('srv_abrt')) + connect;
  const over = count('stot') - count('wretr') - count('scur');
  return {
    isBackup: count('bck') === 1,
    current: count('scur'),
    given: count('stot'),
    counters: {
      n,
      status: count('hrsp_5xx'),
      connect,
      moved: count('wredis'),
      broken: count('eresp'),
      lost: over - n - count('hrsp_1xx') - count('cli_abrt'),
    },
  };
}
