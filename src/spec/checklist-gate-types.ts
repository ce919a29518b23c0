/** What a release asks of a checklist before it goes on. */
export type ChecklistAsk = {
  /** As `ReadinessSpec.checklist`. */
  readonly checklist: string;
  /** Ids of phases; null: all. */
  readonly phases: readonly string[] | null;
  /** Roles whose signature has to stand under the report; `all`: every one that the checklist names. */
  readonly signOffs: readonly string[] | 'all';
};

/** How long a gate that has not passed is asked again, and how long one answer may take. */
export type GatePatience = { readonly waitMs: number; readonly everyMs: number; readonly timeoutMs: number };

/** `dry-run`: what it would have said is recorded, and the release goes on. */
type Moded = { readonly mode: 'enforce' | 'dry-run' };

/** Asked before anything of a release starts. `drill`: some traffic goes to the candidate and comes back before its first step. */
export type PreflightPolicy = ChecklistAsk & GatePatience & Moded & { readonly then: 'hold' | 'refuse'; readonly drill: boolean };

/** Asked before the candidate gets all of the traffic. */
export type CutoverPolicy = ChecklistAsk & GatePatience & Moded & { readonly then: 'hold' | 'rollback' };

/** Asked at these times after the candidate has got all of the traffic. `watch`: asked again after the release, only to tell. */
export type VerifyPolicy = GatePatience & {
  readonly checklist: string;
  readonly at: readonly { readonly afterMs: number; readonly phases: readonly string[] | null }[];
  readonly then: 'rollback' | 'hold' | 'report';
  readonly watch: { readonly forMs: number; readonly everyMs: number } | null;
};
