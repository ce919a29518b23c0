import type { Text } from './text.ts';

/** A checklist as its document has it, before the parameters of a service are put in. */
export type ChecklistSpec = {
  readonly name: string;
  readonly title: Text;
  readonly description: Text | null;
  /** Another checklist whose phases come first; phases and items of the same id take the place of its own. */
  readonly extends: string | null;
  /** Phases (`kubernetes`) and items (`code.tests`) of that one which are left out. */
  readonly without: readonly string[];
  readonly parameters: readonly ChecklistParameter[];
  readonly phases: readonly ChecklistPhase[];
  /** Whose signatures a report needs, in this order. */
  readonly signOffs: readonly SignOffRole[];
};

/** What a service says of itself: an address, a number, a yes. `${name}` stands for it in checks, `name` in conditions. */
export type ChecklistParameter = {
  readonly name: string;
  readonly description: Text;
  /** Any YAML value. Absent: without one the checks that use it prove nothing, and conditions take it for a no. */
  readonly default?: unknown;
};

export type ChecklistPhase = {
  readonly id: string;
  readonly title: Text;
  readonly items: readonly ChecklistItem[];
};

/** How much it matters when an item is not there: a blocker stops a release. */
export type Severity = 'blocker' | 'warning';

export type ChecklistItem = {
  /** Within its phase. In all other places an item is called `phase.item`. */
  readonly id: string;
  readonly title: Text;
  /** Role of the team that answers for it, such as `devops`. */
  readonly role: string;
  readonly severity: Severity;
  /** Where it applies, such as `kubernetes && !managed`; null: everywhere. */
  readonly if: string | null;
  /** `config` as it was written: its schema reads it once the parameters are in. */
  readonly check: { readonly kind: string; readonly config: unknown } | null;
  readonly confirm: ChecklistConfirmation | null;
  /** How long the result of its check proves anything. */
  readonly validForMs: number;
  /** Longest that its check may take; null: what its kind says. */
  readonly timeoutMs: number | null;
  /** Items (`phase.item`) that have to pass before its check is run. */
  readonly needs: readonly string[];
  /** What to do when it is not there, beside what the check says. */
  readonly fix: Text | null;
};

/** A claim of a person. Beside a check both are needed, but for `instead`. */
export type ChecklistConfirmation = {
  /** What is claimed; null: the title. */
  readonly text: Text | null;
  readonly role: string;
  /** Whether a link or a file has to prove it. */
  readonly evidence: 'required' | 'optional';
  readonly validForMs: number;
  /** Only asked for where the check cannot run, because a parameter of it is not given. */
  readonly instead: boolean;
};

export type SignOffRole = {
  readonly role: string;
  readonly title: Text;
  /** Names of the users who may sign; null: everybody who may approve. */
  readonly by: readonly string[] | null;
};

/** What a service's document says about its readiness. */
export type ReadinessSpec = {
  /** Name of a checklist: a built-in one, or a path from the document's folder (`./ours.yaml`, `./ours.yaml#name`). */
  readonly checklist: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly exemptions: readonly DocumentExemption[];
};

/** An item that does not have to be there for a while, as it stands in a document. */
export type DocumentExemption = {
  readonly item: string;
  readonly reason: string;
  readonly approvedBy: string;
  /** First moment (Unix ms) at which it counts again. */
  readonly untilMs: number;
};
