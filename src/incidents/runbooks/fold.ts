import type { RunbookRecord, RunbooksState } from './types.ts';

/** Incidents whose runbooks are kept in mind; older ones are in the log. */
const keptMax = 500;
/** Runbooks of one incident. */
export const runbooksMax = 10;

export const noRunbooks: RunbooksState = new Map();

/** Runbooks after an event. Pure: the state is a fold over the stream `runbooks`. */
export function takeRunbooks(state: RunbooksState, record: RunbookRecord): RunbooksState {
  const { id } = record.data;
  const before = state.get(id) ?? [];
  const after = new Map(state);
  if (record.kind === 'runbook-attached') {
    const { name, title, steps } = record.data.runbook;
    if (before.some((run) => run.name === name) || before.length >= runbooksMax) return state;
    const run = { name, title, attachedAtMs: record.at, steps: steps.map((step) => ({ ...step, outcome: null })) };
    after.set(id, [...before, run]);
    for (const old of after.keys()) if (after.size > keptMax) after.delete(old);
    return after;
  }
  const { runbook, step: index, state: outcome, said, lines, tookMs } = record.data;
  const run = before.find(({ name }) => name === runbook);
  if (!run?.steps[index]) return state;
  const ended = { atMs: record.at, by: record.actor, state: outcome, said, lines, tookMs };
  const steps = run.steps.map((step, at) => (at === index ? { ...step, outcome: ended } : step));
  return after.set(
    id,
    before.map((one) => (one === run ? { ...run, steps } : one)),
  );
}
