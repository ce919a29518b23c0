import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { systemCode, UserError } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';
import type { FencedRoute } from '../fencing.ts';
import { WireFence, WireRoute } from '../route-check.ts';

/** What a server was given. */
export type Assigned = {
  /** `leaving`: it gets no new requests, those under way still count for its version. */
  readonly side: 'stable' | 'candidate' | 'leaving';
  readonly version: string;
  /** As the route names it, and the address that this stood for. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** Otherwise it is in maintenance. In with a weight of 0 it gets what matches, and nothing else. */
  readonly isIn: boolean;
};

/** What HAProxy cannot keep: who has written, and which version each server is. Lies where every Rampart on this HAProxy reads it. */
export type RouterRecord = FencedRoute & {
  readonly service: string;
  readonly appliedAtMs: number;
  readonly servers: Readonly<Record<string, Assigned>>;
  /** Rampart has let go: nothing is in force for it, and another service may have the backend. The fence stays. */
  readonly isClosed: boolean;
};

const Stored = z.strictObject({
  format: z.literal(1),
  service: z.string(),
  fence: WireFence,
  written: WireRoute,
  tokenSeen: z.int().min(0),
  appliedAtMs: z.number(),
  isClosed: z.boolean().default(false),
  servers: z.record(
    z.string(),
    z.strictObject({
      side: z.enum(['stable', 'candidate', 'leaving']),
      version: z.string(),
      host: z.string(),
      address: z.string(),
      port: z.int(),
      weight: z.int().min(0),
      isIn: z.boolean(),
    }),
  ),
});

/**
 * Reads the record; null when there is none yet.
 *
 * @throws UserError `E_ROUTER_STATE` when it cannot be read: guessing who has written would let an outdated writer in.
 */
export async function readRecord(file: string): Promise<RouterRecord | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw stateError(file, 'read', error);
  }
  try {
    const { format: _, ...record } = Stored.parse(JSON.parse(text));
    return record;
  } catch (error) {
    throw new UserError('E_ROUTER_STATE', `${file} is not what Rampart has written`, {
      where: file,
      fix: 'Restore it, or remove it while no release is under way: the next route is then the first.',
      cause: error,
    });
  }
}

/** Writes the record, in one piece and onto the disk. */
export async function writeRecord(file: string, record: RouterRecord): Promise<void> {
  await writeState(file, `${JSON.stringify({ format: 1, ...record })}\n`, true);
}

/**
 * Writes a file of the state in one piece, readable by HAProxy, whoever that runs as.
 *
 * @param durable - Whether it is on the disk then; without, a machine that loses its power may have the one before.
 * @throws UserError `E_ROUTER_STATE`.
 */
export async function writeState(file: string, text: string, durable: boolean): Promise<void> {
  await replaceFile(file, text, { durable, mode: 0o644 }).catch((error: unknown) => {
    throw stateError(file, 'written', error);
  });
}

/** Why the folder of the state is of no use. */
export function stateError(where: string, done: string, cause: unknown): UserError {
  return new UserError('E_ROUTER_STATE', `${where} cannot be ${done}: ${systemCode(cause) ?? String(cause)}`, {
    where,
    fix: 'Make the folder in router.haproxy.state one in which this user may write, on a disk with space.',
    cause,
  });
}
