import type { BuiltinConfig } from './schema.ts';

/** What the router process is started with: the file `settings.json` in its folder. */
export type RouterSettings = {
  readonly service: string;
  readonly config: BuiltinConfig;
  readonly edgesMs: readonly number[];
  readonly leaseMs: number;
};

/** What the router process says about itself. */
export type RouterHealth = {
  readonly pid: number;
  readonly started: string;
  readonly settings: RouterSettings;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metrics: { readonly host: string; readonly port: number } | null;
};

/** How the router process answers the one who started it, once. */
export type StartOutcome =
  | { readonly kind: 'ready' }
  /** Another process already runs this router, or is about to. */
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'failed';
      readonly code: `E_${string}`;
      readonly what: string;
      readonly where: string;
      readonly fix: string;
    };
