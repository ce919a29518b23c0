import type { Route } from '../router.ts';
import { matchKey } from './match-key.ts';
import type { Plan } from './plan.ts';
import { say } from './runtime-api.ts';

/** One line of the map: a regular expression on the headers, and the server that its requests go to. */
export type MapEntry = { readonly key: string; readonly server: string };

/** Far below HAProxy's buffer of 16 KiB, which has to hold a command with its lines. */
const lineBytesMax = 8_000;

/** The lines for a route: all matches go to the candidate's first server, because a map names one. */
export function mapEntries({ match }: Route, plan: Plan): readonly MapEntry[] {
  const [server] = Object.entries(plan).find(([, { side, isIn }]) => side === 'candidate' && isIn) ?? [];
  return server === undefined ? [] : match.map((one) => ({ key: matchKey(one), server }));
}

/** Reads the lines of `show map` out of an answer. */
export function entriesIn(answer: string): readonly MapEntry[] {
  return [...answer.matchAll(/^0x[0-9a-f]+ (\S+) (\S+)$/gm)].map(([, key = '', server = '']) => ({ key, server }));
}

/** A map as HAProxy reads it when it starts. */
export function mapText(entries: readonly MapEntry[]): string {
  return entries.map(({ key, server }) => `${key} ${server}\n`).join('');
}

/** Puts other lines into a map, all at once: a request sees the old ones or the new ones. */
export async function replaceMap(socket: string, file: string, entries: readonly MapEntry[], signal: AbortSignal): Promise<void> {
  const made = await say(socket, [`prepare map ${file}`], signal);
  const version = /New version created: (\d+)/.exec(made)?.[1];
  if (version === undefined) throw new Error(`HAProxy has no map ${file}: ${made.trim()}`);
  let lines: MapEntry[] = [];
  const add = async (): Promise<void> => {
    if (lines.length > 0) await say(socket, [`add map @${version} ${file} <<\n${mapText(lines)}`], signal);
    lines = [];
  };
  for (const entry of entries) {
    if (mapText([...lines, entry]).length > lineBytesMax) await add();
    lines.push(entry);
  }
  await add();
  await say(socket, [`commit map @${version} ${file}`], signal);
}
