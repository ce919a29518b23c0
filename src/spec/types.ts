/** A request header or cookie that sends its request to the candidate whatever the weight is. */
export type Match =
  | { readonly header: string; readonly equals: string }
  | { readonly header: string; readonly contains: string }
  | { readonly header: string; readonly pattern: string }
  | { readonly cookie: string; readonly equals: string };

/** What a hook does: a program that ends with 0, or a request whose status lies within the bounds (both inclusive). */
export type HookAction =
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | null;
      readonly statusMin: number;
      readonly statusMax: number;
    };

/** Something of the user's own that a release runs. `compensate` undoes it when the release goes back after it ran. */
export type Hook = {
  /** For people: given, or the program's name, or method and host. */
  readonly name: string;
  readonly action: HookAction;
  readonly timeoutMs: number;
  /** How often it is tried before the step counts as failed (≥ 1). */
  readonly attempts: number;
  readonly compensate: HookAction | null;
};

/** How long a step is watched: at least `minMs` and `minRequests` candidate requests, and if that is not enough to decide, up to `maxMs`. */
export type Watch = {
  readonly minMs: number;
  readonly maxMs: number;
  /** Asked for by this step; 0: only what the guard asks for. */
  readonly minRequests: number;
};

/** One step of a canary, in the order of the document. Weights are parts per million of the requests: 10 % is 100_000. */
export type CanaryStep<AnyHook = Hook> =
  | ({ readonly kind: 'weight'; readonly weightPpm: number } & Watch)
  | ({ readonly kind: 'match'; readonly match: readonly Match[] } & Watch)
  /** `ms: null` waits until somebody resumes. */
  | { readonly kind: 'pause'; readonly ms: number | null }
  | { readonly kind: 'approve'; readonly expiresMs: number }
  | { readonly kind: 'hook'; readonly hook: AnyHook };

/** How traffic moves from the stable version to the candidate. */
export type Strategy<AnyHook = Hook> =
  | { readonly kind: 'canary'; readonly steps: readonly CanaryStep<AnyHook>[] }
  | {
      readonly kind: 'blueGreen';
      /** Requests that reach green before the switch; null: none do. */
      readonly test: ({ readonly match: readonly Match[] } & Watch) | null;
      /** Asked between test and switch. */
      readonly approve: { readonly expiresMs: number } | null;
      /** Run between test and switch. */
      readonly hook: AnyHook | null;
      /** How long blue keeps running after the bake, ready to take the traffic back. */
      readonly keepMs: number;
    };

/** One latency quantile that is watched; 950_000 is p95. */
export type LatencyPolicy = {
  readonly quantilePpm: number;
  /** Relative rise over stable's that is still accepted; null: not compared. */
  readonly worseByPpm: number | null;
  /** Highest value whatever stable does; null: no limit. */
  readonly maxMs: number | null;
};

/** What a release promises about its candidate; same shape as the guard's own policy in `analysis/guard.ts`. */
export type GuardPolicy = {
  readonly errors: { readonly worseByPpm: number; readonly maxPpm: number };
  /** By rising quantile. */
  readonly latency: readonly LatencyPolicy[];
  readonly minRequests: number;
};

/** A request to an instance that must be answered as stated before it may take traffic. */
export type SmokeCheck = {
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly timeoutMs: number;
  /** Text that the answer's body must hold; null: the body is not looked at. */
  readonly contains: string | null;
};

/** How versions of a service are released. */
export type ReleasePolicy = {
  readonly strategy: Strategy;
  readonly guard: GuardPolicy;
  readonly bakeMs: number;
  /** How long a held release waits for its reason to go away, and what happens then. */
  readonly hold: { readonly maxMs: number; readonly then: 'rollback' | 'keep' };
  /** Asked before anything starts; null: nobody is asked. */
  readonly approval: { readonly expiresMs: number } | null;
  readonly deadlines: { readonly readyMs: number; readonly routeMs: number; readonly drainMs: number; readonly hookMs: number };
  /** How long the previous version keeps running after the bake. */
  readonly retire: { readonly afterMs: number };
  /** Asked of the candidate once it is ready, and of stable after a rollback. */
  readonly smoke: readonly SmokeCheck[];
  /** How long the router keeps the candidate's traffic without hearing from a controller. */
  readonly leaseMs: number;
  readonly preflight: { readonly checklist: string } | null;
};

/** A promise to the users of the service. */
export type Objective = {
  readonly name: string;
  /** Share of good requests: 99.9 % is 999_000. */
  readonly targetPpm: number;
  readonly windowMs: number;
  /** A request is good when it took less than this; null: when it did not fail. */
  readonly belowMs: number | null;
};

/** A part that belongs to a plugin: its kind, and its configuration as the plugin's own schema made it (plain JSON). */
export type Plugged = { readonly kind: string; readonly config: unknown };

/** A `Service` document, checked and with every default filled in. Plain JSON: milliseconds and parts per million, no classes. */
export type ServiceSpec = {
  readonly name: string;
  readonly owner: string | null;
  readonly description: string | null;
  readonly target: Plugged;
  readonly router: Plugged;
  readonly objectives: readonly Objective[];
  readonly release: ReleasePolicy;
  /** Absolute folder of the document: relative paths in it start there, and its hooks run there. Null when it came without one. */
  readonly folder: string | null;
};
