import type { IncidentRecord } from './events.ts';
import { type ActionItem, noReview, takeReview } from './review.ts';

/** Action items that are to be done, by the id of their incident: also of incidents that are kept in mind no more. */
export type OpenItems = ReadonlyMap<string, readonly ActionItem[]>;

/** Incidents whose items are kept in mind, the newest of them. */
const incidentsMax = 2_000;

/** What is to be done after an event. Pure; events of anything else change nothing. */
export function takeOpenItems(before: OpenItems, record: IncidentRecord): OpenItems {
  if (record.kind !== 'incident-action-item-set') return before;
  const { id } = record.data;
  const { items } = takeReview({ ...noReview, items: before.get(id) ?? [] }, record);
  const open = items.filter(({ state }) => state === 'open');
  const after = new Map(before);
  if (open.length === 0) after.delete(id);
  else after.set(id, open);
  const [oldest] = after.keys();
  if (after.size > incidentsMax && oldest !== undefined) after.delete(oldest);
  return after;
}

/** An item that is to be done, and of what. */
export type OwedItem = Pick<ActionItem, 'id' | 'text' | 'owner' | 'due'> & {
  readonly incident: string;
  readonly title: string;
  readonly service: string | null;
  /** Its day is over. */
  readonly isLate: boolean;
};

/** Whether the day of an item is over, at a moment. Days are those of UTC. */
export function isLate({ due }: Pick<ActionItem, 'due'>, nowMs: number): boolean {
  return due < new Date(nowMs).toISOString().slice(0, 10);
}
