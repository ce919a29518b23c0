import type { Language } from '../analysis/sentence.ts';
import type { RunbookRun } from '../incidents/runbooks/types.ts';
import { textIn } from '../spec/text.ts';

/** A runbook in an incident, for people and programs. Times are unix milliseconds. */
export type RunbookView = {
  readonly name: string;
  readonly title: string;
  readonly attachedAtMs: number;
  readonly steps: readonly RunbookStepView[];
};

export type RunbookStepView = {
  /** From 1. */
  readonly number: number;
  readonly title: string;
  readonly text: string | null;
  readonly dueAtMs: number;
  readonly does: 'person' | 'look' | 'check';
  readonly what: string | null;
  readonly outcome: {
    readonly atMs: number;
    readonly by: string;
    readonly state: 'told' | 'failed' | 'done';
    readonly said: string;
    readonly lines: readonly string[];
    readonly tookMs: number;
  } | null;
};

/** @param openedAtMs - When the incident was opened: budgets count from there. */
export function runbookView(run: RunbookRun, openedAtMs: number, language: Language): RunbookView {
  return {
    name: run.name,
    title: textIn(run.title, language),
    attachedAtMs: run.attachedAtMs,
    steps: run.steps.map(({ title, text, withinMs, does, outcome }, index) => ({
      number: index + 1,
      title: textIn(title, language),
      text: text === null ? null : textIn(text, language),
      dueAtMs: openedAtMs + withinMs,
      does: does.kind,
      what: does.kind === 'look' ? does.at : does.kind === 'check' ? does.check.kind : null,
      outcome: outcome && { ...outcome, said: textIn(outcome.said, language) },
    })),
  };
}
