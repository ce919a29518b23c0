/** Everybody who looks, in a process of its own. Started by `live-views.ts`. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { messagesIn } from '../../src/cli/event-stream.ts';

export type ViewersTask = { readonly url: string; readonly token: string; readonly streams: readonly (readonly string[])[] };
export type ViewersResult = {
  /** Of each entry that came, on any stream: its place in the log, and when it came on the machine's monotonic clock. */
  readonly entries: readonly (readonly [seq: number, ns: string])[];
  /** Of each level of a release that came: its state, and when. */
  readonly states: readonly (readonly [state: string, ns: string])[];
  readonly messages: number;
  readonly bytes: number;
  /** Streams that ended by themselves. */
  readonly broken: number;
};

const { url, token, streams } = JSON.parse(process.argv[2] ?? '{}') as ViewersTask;
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const entries: [number, string][] = [];
const states: [string, string][] = [];
let messages = 0;
let bytes = 0;
let broken = 0;
let isOver = false;

const opened = streams.map(async (topics) => {
  const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&');
  const asked = request(`${url}/api/v1/stream?${query}`, { agent, headers: { authorization: `Bearer ${token}` } });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`a stream was refused: ${response.statusCode}`);
  void read(response).finally(() => {
    if (!isOver) broken += 1;
  });
});
await Promise.all(opened);
process.send?.('open');
await once(process, 'message');
isOver = true;
process.send?.({ entries, states, messages, bytes, broken } satisfies ViewersResult, () => process.exit(0));

async function read(response: IncomingMessage): Promise<void> {
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of response) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  for await (const { event, data } of messagesIn(counted())) {
    messages += 1;
    // Only what is measured is read: 500 screens have 500 machines of their own.
    if (event === 'entry') entries.push([Number(/"seq":(\d+)/.exec(data)?.[1]), String(process.hrtime.bigint())]);
    if (event === 'release') states.push([/"state":"([a-z-]+)"/.exec(data)?.[1] ?? '', String(process.hrtime.bigint())]);
  }
}
