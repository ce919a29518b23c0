import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Answer, type Behaviour, Receiver, type Taken } from '../../notifiers/receiver.fixture.ts';

/** An event as the prompt has it. */
export type PromptEvent = {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly facts: readonly string[];
};

/** What a model writes from events. */
export type Writing = (events: readonly PromptEvent[]) => unknown;

const key = 'sk-test-0123456789abcdef';

/**
 * An OpenAI-compatible endpoint on loopback. It looks at every field of a request as the description of `POST /chat/completions` has it, strict
 * schemas included, and answers as that does; what the model writes is up to the test.
 */
export class ChatEndpoint {
  static readonly key = key;
  readonly receiver: Receiver;
  /** Events of the last request. */
  events: readonly PromptEvent[] = [];
  /** What of it stands beside the text: `finish_reason`, `message`. */
  choice: object = {};
  writing: Writing;

  private constructor(receiver: Receiver, writing: Writing) {
    this.receiver = receiver;
    this.writing = writing;
  }

  /** @param model - The only model that it has. */
  static async start(t: TestContext, model: string, writing: Writing = plainly): Promise<ChatEndpoint> {
    const endpoint: { current: ChatEndpoint | null } = { current: null };
    const accept = (taken: Taken): Answer => {
      assert(endpoint.current);
      return endpoint.current.#answer(taken, model);
    };
    endpoint.current = new ChatEndpoint(await Receiver.start(t, accept, saying), writing);
    return endpoint.current;
  }

  get baseUrl(): string {
    return `${this.receiver.base}/v1`;
  }

  #answer({ method, url, headers, body }: Taken, known: string): Answer {
    if (this.receiver.behaviour === 'elsewhere' && url.startsWith('/elsewhere')) return error(404, 'not_found', 'strayed');
    assert.equal(`${method} ${url}`, 'POST /v1/chat/completions');
    assert.match(headers['content-type'] ?? '', /^application\/json\b/);
    assert.equal(Number(headers['content-length']), Buffer.byteLength(body));
    const { authorization = '' } = headers;
    if (authorization !== `Bearer ${key}`) {
      const given = authorization.replace('Bearer ', '');
      return error(401, 'invalid_request_error', `Incorrect API key provided: ${given}`, 'invalid_api_key');
    }
    const request = JSON.parse(body) as Record<string, unknown>;
    const {
      model,
      messages,
      temperature,
      stream,
      response_format: format,
      max_completion_tokens: limit,
      max_tokens: older,
      ...rest
    } = request;
    assert.deepEqual(Object.keys(rest), [], 'fields that the description does not have, or that nobody needs');
    if (model !== known)
      return error(404, 'invalid_request_error', `The model ${String(model)} does not exist`, 'model_not_found');
    assert.equal(temperature, 0);
    assert.equal(stream, false);
    assert((limit === undefined) !== (older === undefined), 'one limit of tokens');
    assert(Number.isInteger(limit ?? older) && Number(limit ?? older) > 0);
    this.events = eventsOf(messages, checkedFormat(format));
    const written = this.writing(this.events);
    const content = typeof written === 'string' ? written : JSON.stringify(written);
    const message = { role: 'assistant', content, refusal: null, annotations: [] };
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-request-id': 'req_1' },
      body: JSON.stringify({
        id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
        object: 'chat.completion',
        created: 1_795_921_200,
        model: known,
        choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop', ...this.choice }],
        usage: { prompt_tokens: 900, completion_tokens: 100, total_tokens: 1_000 },
        service_tier: 'default',
        system_fingerprint: null,
      }),
    };
  }
}

/** Every event in its own words, with a sentence in between that cites nothing. */
const plainly: Writing = (events) => ({
  sentences: [
    ...events.slice(0, 3).map(({ id, facts: [fact = ''] }) => ({ text: `It is on record: ${fact}.`, cites: [id] })),
    { text: 'The moon was full.', cites: [] },
  ],
});

/** Ids that answers are bound to; null: to none. */
function checkedFormat(format: unknown): readonly string[] | null {
  assert(typeof format === 'object' && format !== null && 'type' in format);
  if (format.type === 'json_object') {
    assert.deepEqual(Object.keys(format), ['type']);
    return null;
  }
  assert.deepEqual(Object.keys(format).toSorted(), ['json_schema', 'type']);
  assert.equal(format.type, 'json_schema');
  const { json_schema: described } = format as { readonly json_schema?: unknown };
  const { name, strict, schema, ...rest } = described as Record<string, unknown>;
  assert.deepEqual(Object.keys(rest), []);
  assert.match(String(name), /^[a-zA-Z0-9_-]{1,64}$/);
  assert.equal(strict, true);
  const values: string[] = [];
  strictSchema(schema, values);
  assert.ok(values.length <= 500 && values.join('').length <= 15_000, 'what strict schemas may list');
  return values;
}

/** A schema as strict answers know it: every property required, no others. */
function strictSchema(schema: unknown, values: string[]): void {
  assert(typeof schema === 'object' && schema !== null && 'type' in schema);
  if (schema.type === 'object') {
    const { properties, required, additionalProperties, ...rest } = schema as Record<string, unknown>;
    assert.deepEqual(Object.keys(rest), ['type']);
    assert.equal(additionalProperties, false);
    assert(typeof properties === 'object' && properties !== null);
    assert.deepEqual(required, Object.keys(properties));
    for (const one of Object.values(properties)) strictSchema(one, values);
  } else if (schema.type === 'array') strictSchema((schema as { items?: unknown }).items, values);
  else {
    assert.equal(schema.type, 'string');
    const { enum: listed } = schema as { enum?: readonly string[] };
    if (listed) values.push(...listed);
  }
}

/** The events of a prompt: rules first, then data between two equal marks. */
function eventsOf(messages: unknown, ids: readonly string[] | null): readonly PromptEvent[] {
  assert(Array.isArray(messages));
  const [rules, asked, ...more] = messages as readonly { role: string; content: string }[];
  assert.deepEqual([rules?.role, asked?.role, more.length], ['system', 'user', 0]);
  for (const message of [rules, asked]) assert.deepEqual(Object.keys(message ?? {}), ['role', 'content']);
  assert.match(rules?.content ?? '', /JSON/, 'json_object is refused where no message speaks of JSON');
  const lines = (asked?.content ?? '').split('\n');
  const end = lines.indexOf(lines[0] ?? '', 1);
  const events = lines.slice(1, end).map((line) => JSON.parse(line) as PromptEvent);
  if (ids)
    assert.deepEqual(
      events.map(({ id }) => id),
      ids,
    );
  return events;
}

function error(status: number, type: string, message: string, code: string | null = null): Answer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ error: { message, type, param: null, code } }) };
}

/** What the real one says where it does not say yes. */
const saying: Partial<Record<Behaviour, Answer>> = {
  busy: { ...error(429, 'requests', 'Rate limit reached for requests', 'rate_limit_exceeded'), headers: { 'retry-after': '7' } },
  broken: error(500, 'server_error', 'The server had an error while processing your request'),
  no: error(400, 'invalid_request_error', "Unsupported parameter: 'max_tokens'", 'unsupported_parameter'),
};
