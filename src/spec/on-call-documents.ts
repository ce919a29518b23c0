import { z } from 'zod';
import { UserError } from '../errors.ts';
import { parseDocuments } from './document.ts';
import { type EscalationPolicySpec, escalationPolicyDocument } from './escalation-policy.ts';
import type { SetupKind } from './incident-setup.ts';
import { type PersonSpec, personDocument } from './person.ts';
import { type ScheduleSpec, scheduleDocument } from './schedule.ts';

/** The documents of on-call in some files. */
export type OnCallDocuments = {
  readonly people: readonly PersonSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly policies: readonly EscalationPolicySpec[];
  /** Null: no file has any Notifier document, so it is not known which there are. */
  readonly notifiers: readonly { readonly name: string }[] | null;
};

/** A document that may stand in the same files and is read by others. */
const other = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

const kinds = {
  Person: personDocument,
  Schedule: scheduleDocument,
  EscalationPolicy: escalationPolicyDocument,
  Notifier: other,
  AlertRouting: other,
  Runbook: other,
  StatusPage: other,
  AlertSource: other,
  Narration: other,
  ReleaseNotices: other,
} as const satisfies Readonly<Record<SetupKind, z.ZodType>>;

/**
 * Reads who is on call and who is told from the texts of files that belong together. Names may lack their documents: `findings` tells.
 *
 * @throws SpecError with the problems of the first file that has some; UserError `E_SPEC` when a name is there twice.
 */
export function readOnCall(files: readonly { readonly file: string; readonly text: string }[]): OnCallDocuments {
  const all = files.flatMap(({ file, text }) => parseDocuments(text, file, kinds).map((document) => ({ file, document })));
  const places = new Map<string, string>();
  for (const { file, document } of all) {
    if (document.kind !== 'Person' && document.kind !== 'Schedule' && document.kind !== 'EscalationPolicy') continue;
    const called = `${document.kind} ${document.value.name}`;
    const before = places.get(called);
    if (before !== undefined) {
      const where = before === file ? file : `${before}, ${file}`;
      throw new UserError('E_SPEC', `there are two documents ${called}`, { where, fix: 'give one of them another name' });
    }
    places.set(called, file);
  }
  const notifiers = all.flatMap(({ document }) => (document.kind === 'Notifier' ? [{ name: document.value.metadata.name }] : []));
  return {
    people: all.flatMap(({ document }) => (document.kind === 'Person' ? [document.value] : [])),
    schedules: all.flatMap(({ document }) => (document.kind === 'Schedule' ? [document.value] : [])),
    policies: all.flatMap(({ document }) => (document.kind === 'EscalationPolicy' ? [document.value] : [])),
    notifiers: notifiers.length > 0 ? notifiers : null,
  };
}
