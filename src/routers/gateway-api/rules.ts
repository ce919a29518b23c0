import type { Claim, Place } from '../kubernetes-claim.ts';
import { headerMatchOf } from '../kubernetes-match.ts';
import { partsOf, percentOf, type RuleShape } from '../kubernetes-rules.ts';
import type { Match } from '../router.ts';

type BackendRef = {
  readonly name: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly weight?: number;
};
type HeaderMatch = { readonly type: string; readonly name: string; readonly value: string };
type RouteMatch = { readonly headers?: readonly HeaderMatch[] };

/** A rule of an HTTPRoute, with the fields that are read here; others go through untouched. */
export type Rule = {
  readonly name?: string;
  readonly matches?: readonly RouteMatch[];
  readonly backendRefs?: readonly BackendRef[];
};

/**
 * The rules of an HTTPRoute. A rule that is split keeps the user's own Service, with weight 0: by it the rule is found again, and it
 * has the requests for as long as no version is stable.
 *
 * @param own - Name of the user's Service.
 * @param before - What was written last.
 */
export function shapeOf(own: string, before: Claim | null, claim: Claim): RuleShape<Rule> {
  const { route, placed } = claim;
  const ours = new Set([before, claim].flatMap((each) => [each?.placed.stable?.name, each?.placed.candidate?.name]));
  const copies = new Set([before, claim].flatMap((each) => each?.placed.candidate?.name ?? []));
  const headers = route.match.map(headerOf);
  return {
    isCopy({ backendRefs = [] }) {
      return backendRefs.length === 1 && backendRefs.every(({ name }) => copies.has(name));
    },
    belongs({ backendRefs = [] }) {
      const mine = backendRefs.filter((ref) => isService(ref, own));
      if (mine.length === 0) return 'none';
      return backendRefs.every((ref) => isService(ref, own) || ours.has(ref.name)) ? 'all' : 'some';
    },
    split(rule) {
      const mine = ownRef(rule, own);
      const [stable, candidate] = partsOf(route.weight);
      const backendRefs: BackendRef[] = [{ ...mine, weight: placed.stable ? 0 : stable }];
      if (placed.stable) backendRefs.push(refTo(mine, placed.stable, stable));
      if (placed.candidate && candidate > 0) backendRefs.push(refTo(mine, placed.candidate, candidate));
      return { ...rule, backendRefs };
    },
    copy(rule) {
      const { name: _, ...rest } = rule;
      const matches = (rule.matches ?? [{}]).flatMap((match) => headers.map((header) => withHeader(match, header)));
      const backendRefs = placed.candidate ? [refTo(ownRef(rule, own), placed.candidate, 1)] : [];
      return { ...rest, matches, backendRefs };
    },
  };
}

/** The candidate's share in the first rule in which it is not as it was written; in percent. */
export function shareIn(rules: readonly Rule[], own: string, { placed, route }: Claim): number {
  const shares = rules
    .filter(({ backendRefs = [] }) => backendRefs.some((ref) => isService(ref, own)))
    .map(({ backendRefs = [] }) => {
      const weights = backendRefs.map(({ name, weight = 1 }) => ({ name, weight }));
      const all = weights.reduce((sum, { weight }) => sum + weight, 0);
      return percentOf(weights.find(({ name }) => name === placed.candidate?.name)?.weight ?? 0, all);
    });
  return shares.find((share) => share !== route.weight) ?? shares[0] ?? 0;
}

export function headerOf(match: Match): HeaderMatch {
  const found = headerMatchOf(match);
  return 'exact' in found
    ? { type: 'Exact', name: found.header, value: found.exact }
    : { type: 'RegularExpression', name: found.header, value: found.pattern };
}

function withHeader(match: RouteMatch, header: HeaderMatch): RouteMatch {
  if (match.headers?.some(({ name }) => name.toLowerCase() === header.name.toLowerCase()))
    throw new RangeError(`a rule matches the header ${header.name} itself, and can ask it for one thing only`);
  return { ...match, headers: [...(match.headers ?? []), header] };
}

function ownRef({ backendRefs = [] }: Rule, own: string): BackendRef {
  return backendRefs.find((ref) => isService(ref, own)) ?? { name: own };
}

function refTo(mine: BackendRef, { name, port }: Place, weight: number): BackendRef {
  return { ...mine, name, weight, ...(port === undefined ? {} : { port }) };
}

function isService({ name, kind = 'Service', namespace }: BackendRef, own: string): boolean {
  return name === own && kind === 'Service' && namespace === undefined;
}
