import { labelValueOf, objectName, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import type { Placed } from '../kubernetes-claim.ts';
import type { Route } from '../router.ts';

/** A subset of a DestinationRule, with the fields that are read here. */
export type Subset = { readonly name: string; readonly labels?: Readonly<Record<string, string>> };

/** Name of the subset of a version. One for each version and never another: what a name means does not change under a route. */
export function subsetName(version: string): string {
  return objectName('rampart', version);
}

/**
 * The subsets with those of the versions that are named, and without those of this service's other versions. Everybody else's stay.
 *
 * @param needed - Names that have to be there.
 */
export function subsetsWith(subsets: readonly Subset[], service: string, needed: ReadonlyMap<string, string>): readonly Subset[] {
  const label = labelValueOf(service);
  const others = subsets.filter(({ name, labels }) => !(name.startsWith('rampart-') && labels?.[serviceLabel] === label));
  const own = [...needed].map(([name, version]) => {
    const labels = { [serviceLabel]: label, [versionLabel]: labelValueOf(version) };
    const known = subsets.find((subset) => subset.name === name);
    // What somebody has added to it, such as a traffic policy of its own, stays.
    return { ...known, name, labels };
  });
  return [...others, ...own];
}

/** The subsets that a route needs, by name, with their versions. */
export function neededBy(route: Route, placed: Placed): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  if (placed.stable && route.stable) needed.set(placed.stable.name, route.stable.version);
  if (placed.candidate && route.candidate) needed.set(placed.candidate.name, route.candidate.version);
  return needed;
}
