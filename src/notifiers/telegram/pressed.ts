/** What a button may carry. */
const bytesMax = 64;

/** Short names of the verbs that are offered most, so that the thread has room. */
const shortVerbs: readonly (readonly [short: string, verb: string])[] = [
  ['a', 'acknowledge'],
  ['r', 'resolve'],
  ['b', 'rollback'],
  ['e', 'escalate'],
  ['p', 'approve'],
  ['g', 'resume'],
  ['x', 'abort'],
];

/** What a button carries, or null when it is too much. */
export function pressedData(verb: string, thread: string): string | null {
  const short = shortVerbs.find(([, one]) => one === verb)?.[0] ?? verb;
  const data = `${short}:${thread}`;
  return Buffer.byteLength(data) > bytesMax ? null : data;
}

/** What a pressed button has carried; null: it is none of ours. */
export function pressedVerb(data: string): { readonly verb: string; readonly thread: string } | null {
  const [, given, thread] = /^([a-z][a-z-]{0,40}):([A-Za-z0-9._:/@-]{1,62})$/.exec(data) ?? [];
  if (given === undefined || thread === undefined) return null;
  return { verb: shortVerbs.find(([short]) => short === given)?.[1] ?? given, thread };
}
