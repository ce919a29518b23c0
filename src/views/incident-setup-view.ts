import type { SetupState } from '../incidents/setup.ts';
import type { IncidentSetup, SetupChange, SetupFile } from '../spec/incident-setup.ts';

/** The setup in force, for people and programs. */
export type IncidentSetupView = {
  /** 0: none was applied. */
  readonly version: number;
  readonly appliedAtMs: number | null;
  readonly by: string;
  readonly why: string;
  /** As they were applied. */
  readonly files: readonly SetupFile[];
  readonly notifiers: readonly { readonly name: string; readonly kind: string }[];
  readonly people: readonly string[];
  readonly schedules: readonly string[];
  readonly policies: readonly string[];
  readonly routing: string | null;
  readonly runbooks: readonly string[];
  readonly statusPage: string | null;
  readonly alertSources: readonly { readonly name: string; readonly kind: string }[];
  readonly narration: string | null;
  readonly releaseNotices: string | null;
};

/** What a setup changes, or has changed. */
export type SetupAppliedView = { readonly version: number; readonly changes: readonly SetupChange[] };

/** The setup in force in the form of the API. */
export function incidentSetupView(state: SetupState, setup: IncidentSetup): IncidentSetupView {
  const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
  return {
    version: state.version,
    appliedAtMs: state.atMs,
    by: state.by,
    why: state.why,
    files: state.files,
    notifiers: setup.notifiers.map(({ name, receiver }) => ({ name, kind: receiver.kind })),
    people: names(setup.people),
    schedules: names(setup.schedules),
    policies: names(setup.policies),
    routing: setup.routing?.name ?? null,
    runbooks: names(setup.runbooks),
    statusPage: setup.statusPage?.name ?? null,
    alertSources: setup.alertSources.map(({ name, sender }) => ({ name, kind: sender.kind })),
    narration: setup.narration?.name ?? null,
    releaseNotices: setup.releaseNotices?.name ?? null,
  };
}
