import type { Claim, Place } from '../kubernetes-claim.ts';
import { headerMatchOf } from '../kubernetes-match.ts';
import { partsOf, percentOf, type RuleShape } from '../kubernetes-rules.ts';
import type { Match } from '../router.ts';

type Destination = { readonly host: string; readonly subset?: string };
type WeightedDestination = { readonly destination: Destination; readonly weight?: number };
type StringMatch = { readonly exact: string } | { readonly regex: string };
type RequestMatch = { readonly headers?: Readonly<Record<string, StringMatch>> };

/** An entry of `spec.http` of a VirtualService, with the fields that are read here; others go through untouched. */
export type HttpRoute = {
  readonly name?: string;
  readonly match?: readonly RequestMatch[];
  readonly route?: readonly WeightedDestination[];
};

/** The http routes of a VirtualService. One that is split is found again by the host of its destinations. */
export function shapeOf(host: string, { route: wanted, placed }: Claim): RuleShape<HttpRoute> {
  const copyName = `rampart-match-${host}`;
  return {
    isCopy({ name }) {
      return name === copyName;
    },
    belongs({ route = [] }) {
      const mine = route.filter(({ destination }) => destination.host === host);
      if (mine.length === 0) return 'none';
      return mine.length === route.length ? 'all' : 'some';
    },
    split(rule) {
      const [stable, candidate] = partsOf(wanted.weight);
      const route = [to(rule, placed.stable, stable)];
      if (placed.candidate && candidate > 0) route.push(to(rule, placed.candidate, candidate));
      return { ...rule, route };
    },
    copy(rule) {
      const headers = wanted.match.map(headerOf);
      const match = (rule.match ?? [{}]).flatMap((each) => headers.map((header) => withHeader(each, header)));
      return { ...rule, name: copyName, match, route: [to(rule, placed.candidate, 100)] };
    },
  };
}

/** The candidate's share in the first http route in which it is not as it was written; in percent. */
export function shareIn(routes: readonly HttpRoute[], host: string, { route: wanted, placed }: Claim): number {
  const copyName = `rampart-match-${host}`;
  const shares = routes
    .filter(({ name, route = [] }) => name !== copyName && route.some(({ destination }) => destination.host === host))
    .map(({ route = [] }) => {
      // One destination alone has all, whatever its weight says.
      const weights = route.map(({ destination, weight = 0 }) => ({ ...destination, weight: route.length === 1 ? 100 : weight }));
      const all = weights.reduce((sum, { weight }) => sum + weight, 0);
      return percentOf(weights.find(({ subset }) => subset !== undefined && subset === placed.candidate?.name)?.weight ?? 0, all);
    });
  return shares.find((share) => share !== wanted.weight) ?? shares[0] ?? 0;
}

/** A header and what it has to be. Istio takes names in lower case only. */
export function headerOf(match: Match): readonly [name: string, is: StringMatch] {
  const found = headerMatchOf(match);
  return [found.header.toLowerCase(), 'exact' in found ? { exact: found.exact } : { regex: found.pattern }];
}

function withHeader(match: RequestMatch, [name, is]: readonly [string, StringMatch]): RequestMatch {
  if (match.headers && Object.keys(match.headers).some((key) => key.toLowerCase() === name))
    throw new RangeError(`a route matches the header ${name} itself, and can ask it for one thing only`);
  return { ...match, headers: { ...match.headers, [name]: is } };
}

/** The first destination of a route with another subset: its port and what is done with its headers stay. */
function to({ route = [] }: HttpRoute, place: Place | null, weight: number): WeightedDestination {
  const [first] = route;
  if (!first) throw new Error('a route without a destination does not belong to any host');
  const { subset: _, ...destination } = first.destination;
  return { ...first, destination: { ...destination, ...(place ? { subset: place.name } : {}) }, weight };
}
