import type { ExposureCounts } from '../flags/exposures.ts';
import type { Flag, SetLevel } from '../flags/types.ts';
import { offVariant } from '../flags/variants.ts';
import { percentText } from '../spec/units.ts';

/** A flag in a list. */
export type FlagRow = {
  readonly key: string;
  readonly set: string;
  readonly state: 'ENABLED' | 'DISABLED';
  /** What it is like now, in one sentence. */
  readonly said: string;
  /** Where somebody has put it; null: as its document says. */
  readonly level: SetLevel | null;
  /** Since the controller started. */
  readonly exposures: ExposureCounts;
};

/** A flag with all that its document says. */
export type FlagView = FlagRow & {
  readonly variants: Readonly<Record<string, unknown>>;
  readonly defaultVariant: string;
  readonly offVariant: string;
  readonly targeting: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
};

export function flagRow(flag: Flag, exposures: ExposureCounts): FlagRow {
  const { key, set, spec, level } = flag;
  return { key, set, state: spec.state, said: flagText(flag), level, exposures };
}

export function flagView(flag: Flag, exposures: ExposureCounts): FlagView {
  const { variants, defaultVariant, targeting, metadata } = flag.spec;
  return { ...flagRow(flag, exposures), variants, defaultVariant, offVariant: offVariant(flag.spec), targeting, metadata };
}

/** What a flag is like, in one sentence. */
export function flagText({ spec, level }: Flag): string {
  const off = offVariant(spec);
  if (level?.level.kind === 'off') return `switched off: everybody has ${off}`;
  if (spec.state === 'DISABLED') return "DISABLED in its document: the program's own default counts";
  if (level) {
    const { variant, sharePpm } = level.level;
    if (sharePpm === 1_000_000) return `everybody has ${variant}`;
    return `${percentText(sharePpm)} have ${variant}, the others ${off}`;
  }
  return spec.targeting === null ? `everybody has ${spec.defaultVariant}` : 'as the targeting of its document says';
}
