import type { z } from 'zod';
import type { NamedSecret } from '../spec/secret.ts';
import type { Text } from '../spec/text.ts';
import type { OwnView } from './own-view.ts';

/** `unproven`: it could not be looked at, so nothing is known. `skipped`: it does not apply here. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'unproven' | 'skipped';

/** What a check has found. Sentences without a full stop, and never a secret. */
export type CheckResult = {
  readonly status: CheckStatus;
  /** Where: an address, a file, a command. */
  readonly lookedAt: Text;
  readonly found: Text;
  readonly expected: Text;
  /** What to do; null when nothing is to be done. */
  readonly fix: Text | null;
  /** Lines to look at, such as places in files or rows; at most 50 of 500 characters, the rest is cut by the runner. */
  readonly evidence: readonly string[];
  /** Figures by name with its unit, such as `p95Ms`: two runs are compared by them. */
  readonly figures: Readonly<Record<string, number>>;
};

/** What a check works with. */
export type CheckContext = {
  readonly service: string;
  /** The version whose readiness is asked; null: nobody has named one. */
  readonly version: string | null;
  /** Absolute folder of the document: relative paths start there, and commands run there. */
  readonly folder: string;
  /** An empty folder, removed with all that is in it when the check has ended. */
  readonly scratch: string;
  /** What commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** @throws UserError `E_CHECK_SECRET` when the value is not there; its text never has the value. */
  secret(named: NamedSecret): string;
  /** Unix ms. */
  now(): number;
  /** Aborts at the end of the check's time, or when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** One line about how far it is, for whoever watches. */
  progress(text: string): void;
  /** What a controller knows about the service; null without one. */
  readonly own: OwnView | null;
};

export type CheckCapabilities = {
  /** It asks the controller, so without one it is `unproven`. */
  readonly own: boolean;
  /** Nothing else of the run is checked at the same time: it measures, or loads the service. */
  readonly alone: boolean;
};

/**
 * One kind of check. `run` looks once and answers; it may be run again at any time, leaves nothing behind, and ends when its signal
 * aborts. It answers `fail` for whatever is not as expected, which includes a server that cannot be reached; it rejects with a
 * `UserError` when nothing can be told (a missing program, a refused password, a file that cannot be read), which is `unproven`.
 */
export type CheckPlugin<Schema extends z.ZodType = z.ZodType> = {
  /** What it looks at, in a few words. */
  readonly title: Text;
  readonly schema: Schema;
  readonly capabilities: CheckCapabilities;
  /** Longest that it may take where nobody says how long. */
  readonly timeoutMs: number;
  /** @param config - As `schema` made it. */
  run(config: z.output<Schema>, context: CheckContext): Promise<CheckResult>;
};

/** Ties the configuration of `run` to the schema. */
export function defineCheck<Schema extends z.ZodType>(plugin: CheckPlugin<Schema>): CheckPlugin<Schema> {
  return plugin;
}
