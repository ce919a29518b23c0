import { headerMatchOf } from '../kubernetes-match.ts';
import type { Match, Route } from '../router.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

/** Every annotation of a canary that Rampart sets or takes away. */
const keys = [
  'canary',
  'canary-weight',
  'canary-weight-total',
  'canary-by-header',
  'canary-by-header-value',
  'canary-by-header-pattern',
  'canary-by-cookie',
] as const;

type Key = (typeof keys)[number];
export type CanaryAnnotations = Readonly<Record<`${typeof prefix}${Key}`, string | null>>;

/**
 * The annotations of a canary for a route; null takes one away.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
 */
export function canaryAnnotations({ weight, match }: Pick<Route, 'weight' | 'match'>): CanaryAnnotations {
  const values: Partial<Record<Key, string>> = { canary: 'true', 'canary-weight': String(weight) };
  for (const each of match) Object.assign(values, matchAnnotations(each));
  return Object.fromEntries(keys.map((key) => [prefix + key, values[key] ?? null])) as CanaryAnnotations;
}

/**
 * @throws SyntaxError for a match that ingress-nginx has no annotation for.
 */
export function matchAnnotations(match: Match): Partial<Record<Key, string>> {
  if ('cookie' in match) {
    if (match.equals !== 'always') throw new SyntaxError('ingress-nginx looks for cookies with the value always only');
    return { 'canary-by-cookie': match.cookie };
  }
  const found = headerMatchOf(match);
  return 'exact' in found
    ? { 'canary-by-header': found.header, 'canary-by-header-value': found.exact }
    : { 'canary-by-header': found.header, 'canary-by-header-pattern': found.pattern };
}

/** Why these matches do not go together; null: they do. */
export function matchProblem(match: readonly Match[]): string | null {
  const cookies = match.filter((each) => 'cookie' in each).length;
  return cookies > 1 || match.length - cookies > 1 ? 'ingress-nginx takes one header and one cookie for a canary' : null;
}

/** The canary's share in percent, and whether its matches are those of the route. */
export function readAnnotations(
  annotations: Readonly<Record<string, string>>,
  match: readonly Match[],
): { readonly weight: number; readonly hasMatch: boolean } {
  const value = (key: Key): string | null => annotations[prefix + key] ?? null;
  const wanted = canaryAnnotations({ weight: 0, match });
  const hasMatch = keys.filter((key) => key.startsWith('canary-by-')).every((key) => value(key) === wanted[`${prefix}${key}`]);
  const weight = (Number(value('canary-weight') ?? 0) / Number(value('canary-weight-total') ?? 100)) * 100;
  const isOn = value('canary') === 'true' && Number.isFinite(weight);
  return { weight: isOn ? Math.round(Math.min(100, Math.max(0, weight)) * 100) / 100 : 0, hasMatch };
}
