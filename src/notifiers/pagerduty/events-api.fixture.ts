import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answer, Taken } from '../receiver.fixture.ts';

/** What the reference of the Events API v2 allows. */
const line = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(text));
const link = z.strictObject({ href: z.string().regex(/^https?:\/\/[^\s"'<>]+$/), text: line.max(200) });
const moment = z.iso.datetime();
const details = z.record(z.string().min(1), z.string());
const dedupKey = z.string().min(1).max(255);
const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string(),
    dedup_key: dedupKey,
    event_action: z.literal('trigger'),
    client: z.string(),
    client_url: z.url(),
    payload: z.strictObject({
      summary: line.max(1_024),
      source: line,
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: moment,
      component: line,
      class: line,
      custom_details: details,
    }),
    links: z.array(link),
  }),
  z.strictObject({ routing_key: z.string(), dedup_key: dedupKey, event_action: z.literal('acknowledge') }),
  z.strictObject({ routing_key: z.string(), dedup_key: dedupKey, event_action: z.literal('resolve') }),
]);
/** A change event, as PagerDuty takes it. */
export type ChangeEvent = z.infer<typeof change>;
const change = z.strictObject({
  routing_key: z.string(),
  payload: z.strictObject({ summary: line.max(1_024), source: line, timestamp: moment, custom_details: details }),
  links: z.array(link),
});

/** Answers as the Events API v2 does for one integration key, and looks at every field. */
export function eventsApi(routingKey: string): (request: Taken) => Answer {
  return ({ method, url, headers, body }) => {
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/json');
    assert(Buffer.byteLength(body) <= 512_000);
    if (url === '/v2/change/enqueue') {
      assert.equal(change.parse(JSON.parse(body)).routing_key, routingKey);
      return { status: 202, body: '{"status":"success","message":"Change event processed"}' };
    }
    assert.equal(url, '/v2/enqueue');
    const { dedup_key, routing_key } = event.parse(JSON.parse(body));
    assert.equal(routing_key, routingKey);
    return { status: 202, body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key }) };
  };
}
