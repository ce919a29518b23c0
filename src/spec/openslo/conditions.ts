import type { BurnTier } from '../types.ts';
import { annotations } from './annotations.ts';
import { isShorthand, shorthandOf, shorthandText } from './shorthand.ts';

/** A burn-rate condition as OpenSLO has it: one window, and how many times faster than evenly the budget is spent in it. */
export type Condition = {
  readonly severity: string;
  readonly threshold: number;
  readonly longMs: number;
  readonly forMs: number;
};

/** How many times faster than evenly the budget is spent at the threshold of a tier: P·W/L. */
function burnOf({ sharePpm, longMs }: BurnTier, windowMs: number): number {
  return (sharePpm * windowMs) / (longMs * 1_000_000);
}

/** What OpenSLO can say of the tiers of an objective. Times that it cannot say are rounded up to whole minutes. */
export function conditionsOf(tiers: readonly BurnTier[], windowMs: number): readonly Condition[] {
  return tiers.map((tier) => ({
    severity: tier.tells,
    threshold: burnOf(tier, windowMs),
    longMs: shorthandOf(shorthandText(tier.longMs))?.ms ?? tier.longMs,
    forMs: shorthandOf(shorthandText(tier.forMs ?? 0))?.ms ?? 0,
  }));
}

/** The `spec` of an AlertPolicy for one tier; `targets` are names of AlertNotificationTargets. */
export function policySpecOf(
  tier: BurnTier,
  windowMs: number,
  condition: string,
  targets: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    description: `${tier.name}: ${shorthandText(tier.longMs)} and ${shorthandText(tier.shortMs)}; tells: ${tier.tells}`,
    alertWhenBreaching: true,
    conditions: [
      {
        kind: 'AlertCondition',
        metadata: { name: condition, annotations: { [annotations.short]: shorthandText(tier.shortMs) } },
        spec: {
          severity: tier.tells,
          condition: {
            kind: 'burnrate',
            op: 'gt',
            threshold: burnOf(tier, windowMs),
            lookbackWindow: shorthandText(tier.longMs),
            ...(tier.forMs === undefined ? {} : { alertAfter: shorthandText(tier.forMs) }),
          },
        },
      },
    ],
    notificationTargets: targets.map((targetRef) => ({ targetRef })),
  };
}

/** Whether OpenSLO says the times of a tier as they are. */
export function isSaidExactly({ longMs, forMs = 0 }: BurnTier): boolean {
  return isShorthand(longMs) && isShorthand(forMs);
}
