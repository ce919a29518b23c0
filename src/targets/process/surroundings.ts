import { open, readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';

/** Longest table of connections that is read; a machine with more of them has other troubles. About 50,000 connections. */
const tableBytesMax = 8 * 1_048_576;

/** How long one reading of the table of connections serves all instances of the machine. */
const tableMs = 5_000;

/** Largest depth of control groups that is looked at. */
const groupsMax = 32;

/**
 * How much memory a process may have: the machine's, or less where one of its control groups says so.
 *
 * @see the kernel's cgroup-v2.rst (memory.max) and cgroup-v1/memory.rst (memory.limit_in_bytes), which an old container still has.
 */
export async function memoryLimitOf(pid: number): Promise<number> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'latin1').catch(() => '');
  const limits = await Promise.all([
    groupLimit(/^0::(\/.*)$/m.exec(groups)?.[1], '/sys/fs/cgroup', 'memory.max'),
    groupLimit(/^\d+:(?:\S+,)?memory(?:,\S+)?:(\/.*)$/m.exec(groups)?.[1], '/sys/fs/cgroup/memory', 'memory.limit_in_bytes'),
  ]);
  return Math.min(totalmem(), ...limits);
}

/** The lowest limit of a control group and those around it; infinite where there is none. */
async function groupLimit(path: string | undefined, root: string, file: string): Promise<number> {
  let limit = Number.POSITIVE_INFINITY;
  const parts = path === undefined ? [] : path.split('/').filter((part) => part !== '');
  for (let depth = Math.min(parts.length, groupsMax); depth >= 0 && path !== undefined; depth -= 1) {
    const text = await readFile([root, ...parts.slice(0, depth), file].join('/'), 'latin1').catch(() => '');
    if (/^\d+\s*$/.test(text)) limit = Math.min(limit, Number(text));
  }
  return limit;
}

/** How full the file system is that a process works in; null when nobody can say. As `df` counts it. */
export async function diskOf(pid: number): Promise<{ readonly usedBytes: number; readonly totalBytes: number } | null> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(`/proc/${pid}/cwd`);
    const usedBytes = (blocks - bfree) * bsize;
    const totalBytes = usedBytes + bavail * bsize;
    return totalBytes > 0 ? { usedBytes, totalBytes } : null;
  } catch {
    return null;
  }
}

let table: { readonly readAtMs: number; readonly counts: Promise<ReadonlyMap<number, number> | null> } | null = null;

/** Established connections to a local port; null when nobody can say, or there are too many to look through. */
export async function connectionsTo(port: number): Promise<number | null> {
  const nowMs = performance.now();
  // Every instance of every service asks for the same table within a moment.
  if (!table || nowMs - table.readAtMs > tableMs) table = { readAtMs: nowMs, counts: readConnections() };
  const counts = await table.counts;
  return counts && (counts.get(port) ?? 0);
}

async function readConnections(): Promise<ReadonlyMap<number, number> | null> {
  const counts = new Map<number, number>();
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => bounded(file)));
  // Without IPv6 there is no table of it.
  if (tables[0] === null || tables.includes('too long')) return null;
  for (const text of tables) for (const port of establishedPorts(text ?? '')) counts.set(port, (counts.get(port) ?? 0) + 1);
  return counts;
}

/**
 * The local ports of the established connections in /proc/net/tcp.
 *
 * @see proc_net_tcp: `sl local_address rem_address st`, addresses in hexadecimal, state 01 is TCP_ESTABLISHED.
 */
export function establishedPorts(text: string): readonly number[] {
  return [...text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 01 /gm)].map(([, port = '']) =>
    Number.parseInt(port, 16),
  );
}

async function bounded(file: string): Promise<string | 'too long' | null> {
  const handle = await open(file).catch(() => null);
  if (!handle) return null;
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(262_144), 0, 262_144, null);
      if (bytesRead === 0) return Buffer.concat(parts).toString('latin1');
      bytes += bytesRead;
      if (bytes > tableBytesMax) return 'too long';
      parts.push(buffer.subarray(0, bytesRead));
    }
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
