import type { z } from 'zod';
import { type AlertRoutingSpec, alertRoutingDocument } from './alert-routing.ts';
import { type AlertSourceKinds, type AlertSourceSpec, alertSourceDocument } from './alert-source.ts';
import type { CheckKinds } from './checklist.ts';
import { parseDocuments } from './document.ts';
import { type EscalationPolicySpec, escalationPolicyDocument } from './escalation-policy.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { type NarrationSpec, narrationDocument } from './narration.ts';
import { type NotifierKinds, type NotifierSpec, notifierDocument } from './notifier.ts';
import { isOpenSlo } from './openslo/documents.ts';
import { type PersonSpec, personDocument } from './person.ts';
import { type Problem, SpecError } from './problem.ts';
import { type ReleaseNoticesSpec, releaseNoticesDocument } from './release-notices.ts';
import { type RunbookSpec, runbookDocument } from './runbook.ts';
import { type ScheduleSpec, scheduleDocument } from './schedule.ts';
import { type SetupDocument, setupReferenceProblems } from './setup-references.ts';
import { type StatusPageSpec, statusPageDocument } from './status-page.ts';
import { readYaml } from './yaml-source.ts';

/** A file of setup documents, as its writer has it. `file`: its name, for messages. */
export type SetupFile = { readonly file: string; readonly text: string };

/** How incidents are handled: everything that is needed to know who is told of what. Replaced as a whole. */
export type IncidentSetup = {
  readonly notifiers: readonly NotifierSpec[];
  readonly people: readonly PersonSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly policies: readonly EscalationPolicySpec[];
  /** Null: there is none. */
  readonly routing: AlertRoutingSpec | null;
  readonly runbooks: readonly RunbookSpec[];
  /** Null: customers have none. */
  readonly statusPage: StatusPageSpec | null;
  /** Programs whose alerts come in. */
  readonly alertSources: readonly AlertSourceSpec[];
  /** Null: nothing is narrated. */
  readonly narration: NarrationSpec | null;
  /** Null: only those whom the documents of services name are told of releases. */
  readonly releaseNotices: ReleaseNoticesSpec | null;
};

/** The plugins that documents of a setup may name. */
export type SetupKinds = {
  readonly notifiers: NotifierKinds;
  readonly checks: CheckKinds;
  readonly alertSources: AlertSourceKinds;
};

/** Nobody is told of anything. */
export const noSetup: IncidentSetup = {
  notifiers: [],
  people: [],
  schedules: [],
  policies: [],
  routing: null,
  runbooks: [],
  statusPage: null,
  alertSources: [],
  narration: null,
  releaseNotices: null,
};

/** The schema of every kind of document that a setup is made of. */
export function setupKinds(kinds: SetupKinds) {
  return {
    Notifier: notifierDocument(kinds.notifiers),
    Person: personDocument,
    Schedule: scheduleDocument,
    EscalationPolicy: escalationPolicyDocument,
    AlertRouting: alertRoutingDocument,
    Runbook: runbookDocument(kinds.checks),
    StatusPage: statusPageDocument,
    AlertSource: alertSourceDocument(kinds.alertSources),
    Narration: narrationDocument,
    ReleaseNotices: releaseNoticesDocument,
  } as const satisfies Readonly<Record<string, z.ZodType>>;
}

/** Kinds of documents that a setup is made of. */
export type SetupKind = keyof ReturnType<typeof setupKinds>;

const setupKindNames: Readonly<Record<SetupKind, true>> = {
  Notifier: true,
  Person: true,
  Schedule: true,
  EscalationPolicy: true,
  AlertRouting: true,
  Runbook: true,
  StatusPage: true,
  AlertSource: true,
  Narration: true,
  ReleaseNotices: true,
};

/** Whether documents of this kind are part of a setup. */
export function isSetupKind(kind: string): kind is SetupKind {
  return Object.hasOwn(setupKindNames, kind);
}

/** Kinds of which a setup has at most one document. */
const single = new Set<string>(['AlertRouting', 'StatusPage', 'Narration', 'ReleaseNotices']);

/**
 * Reads all files of a setup together: a name may stand in one file and be used in another.
 *
 * @throws SpecError with every problem of the first file that has one.
 */
export function incidentSetup(files: readonly SetupFile[], kinds: SetupKinds): IncidentSetup {
  const schemas = setupKinds(kinds);
  const parsed = files.flatMap(({ file, text }) => parseDocuments(text, file, schemas));
  const documents = files.flatMap(({ file, text }) => setupDocuments(text, file));
  const problems = [...repeated(documents), ...setupReferenceProblems(documents, kinds.notifiers)];
  for (const { file, text } of files) {
    const [first, ...others] = problems
      .filter((problem) => problem.file === file)
      .sort((a, b) => a.line - b.line || a.column - b.column);
    if (first) throw new SpecError([first, ...others], text);
  }
  const setup: { -readonly [Key in keyof IncidentSetup]: IncidentSetup[Key] } = { ...noSetup };
  for (const document of parsed)
    switch (document.kind) {
      case 'Notifier':
        setup.notifiers = [...setup.notifiers, document.value];
        break;
      case 'Person':
        setup.people = [...setup.people, document.value];
        break;
      case 'Schedule':
        setup.schedules = [...setup.schedules, document.value];
        break;
      case 'EscalationPolicy':
        setup.policies = [...setup.policies, document.value];
        break;
      case 'AlertRouting':
        setup.routing = document.value;
        break;
      case 'Runbook':
        setup.runbooks = [...setup.runbooks, document.value];
        break;
      case 'StatusPage':
        setup.statusPage = document.value;
        break;
      case 'AlertSource':
        setup.alertSources = [...setup.alertSources, document.value];
        break;
      case 'Narration':
        setup.narration = document.value;
        break;
      case 'ReleaseNotices':
        setup.releaseNotices = document.value;
        break;
    }
  return setup;
}

/** The documents of a text as they are written, with their places. For texts that their schemas have accepted. */
export function setupDocuments(text: string, file: string): readonly SetupDocument[] {
  return readYaml(text, file).documents.flatMap(({ value, place }): readonly SetupDocument[] => {
    if (isOpenSlo(value) || !isMapping(value) || !isMapping(value.metadata)) return [];
    const { kind } = value;
    const { name } = value.metadata;
    return typeof kind === 'string' && typeof name === 'string' ? [{ kind, name, spec: value.spec, place }] : [];
  });
}

function repeated(documents: readonly SetupDocument[]): readonly Problem[] {
  const seen = new Set<string>();
  return documents.flatMap(({ kind, name, place }) => {
    const key = single.has(kind) ? kind : `${kind} ${name}`;
    const message = single.has(kind)
      ? `a setup has one ${kind} document, and there is another one`
      : `there is another ${kind} called ${found(name)}`;
    const isAgain = seen.has(key);
    seen.add(key);
    return isAgain ? [place({ path: ['metadata', 'name'], at: 'value', message })] : [];
  });
}

/** What a setup does to the one before it. */
export type SetupChange = { readonly kind: string; readonly name: string; readonly change: 'added' | 'changed' | 'removed' };

/** What differs between two setups, document by document; comments and order do not count. */
export function setupChanges(before: readonly SetupFile[], after: readonly SetupFile[]): readonly SetupChange[] {
  const texts = (files: readonly SetupFile[]): Map<string, string> =>
    new Map(
      files
        .flatMap(({ text, file }) => setupDocuments(text, file))
        .map(({ kind, name, spec }) => [`${kind}/${name}`, JSON.stringify(spec)]),
    );
  const [old, now] = [texts(before), texts(after)];
  const named = (key: string, change: SetupChange['change']): SetupChange => {
    const [kind = '', name = ''] = key.split('/');
    return { kind, name, change };
  };
  return [
    ...[...now].flatMap(([key, text]) => {
      const known = old.get(key);
      return known === undefined ? [named(key, 'added')] : known === text ? [] : [named(key, 'changed')];
    }),
    ...[...old.keys()].filter((key) => !now.has(key)).map((key) => named(key, 'removed')),
  ];
}
