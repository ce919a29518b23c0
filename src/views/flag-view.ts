import type { ExposureCounts } from '../flags/exposures.ts';
import type { Flag, SetLevel, SetRoute } from '../flags/types.ts';
import { offVariant } from '../flags/variants.ts';
import { percentText } from '../spec/unit-text.ts';

/** How releases of a service give a flag out. */
export type FlagRouteView = {
  readonly service: string;
  readonly stable: string | null;
  readonly candidate: string | null;
  /** Share of the users that has the candidate. */
  readonly percent: number;
  readonly atMs: number;
};

/** A flag in a list. */
export type FlagRow = {
  readonly key: string;
  readonly set: string;
  readonly state: 'ENABLED' | 'DISABLED';
  /** What it is like now, in one sentence. */
  readonly said: string;
  /** Where somebody has put it; null: as its document says. */
  readonly level: SetLevel | null;
  /** null: no release gives it out. */
  readonly route: FlagRouteView | null;
  readonly defaultVariant: string;
  /** What everybody has when it is switched off. */
  readonly offVariant: string;
  /** Whether its document says who has which variant. */
  readonly isTargeted: boolean;
  /** Since the controller started. */
  readonly exposures: ExposureCounts;
};

/** A flag with all that its document says. */
export type FlagView = FlagRow & {
  readonly variants: Readonly<Record<string, unknown>>;
  readonly targeting: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
};

export function flagRow(flag: Flag, exposures: ExposureCounts): FlagRow {
  const { key, set, spec, level, route } = flag;
  return {
    key,
    set,
    state: spec.state,
    said: flagText(flag),
    level,
    route: route && routeView(route),
    defaultVariant: spec.defaultVariant,
    offVariant: offVariant(spec),
    isTargeted: spec.targeting !== null,
    exposures,
  };
}

export function flagView(flag: Flag, exposures: ExposureCounts): FlagView {
  const { variants, targeting, metadata } = flag.spec;
  return { ...flagRow(flag, exposures), variants, targeting, metadata };
}

function routeView({ service, route, atMs }: SetRoute): FlagRouteView {
  const { stable, candidate, weight } = route;
  return { service, stable: stable?.version ?? null, candidate: candidate?.version ?? null, percent: weight, atMs };
}

/** What a flag is like, in one sentence. */
export function flagText({ spec, level, route }: Flag): string {
  const off = offVariant(spec);
  if (level?.level.kind === 'off') return `switched off: everybody has ${off}`;
  if (spec.state === 'DISABLED') return "DISABLED in its document: the program's own default counts";
  if (route) {
    const { stable, candidate, percent } = routeView(route);
    const others = stable ?? off;
    const who = percent === 0 || candidate === null ? `everybody has ${others}` : sharedText(candidate, percent * 10_000, others);
    return `${who}, by the releases of ${route.service}`;
  }
  if (level) {
    const { variant, sharePpm } = level.level;
    return sharedText(variant, sharePpm, off);
  }
  return spec.targeting === null ? `everybody has ${spec.defaultVariant}` : 'as the targeting of its document says';
}

function sharedText(variant: string, sharePpm: number, others: string): string {
  return sharePpm === 1_000_000 ? `everybody has ${variant}` : `${percentText(sharePpm)} have ${variant}, the others ${others}`;
}
