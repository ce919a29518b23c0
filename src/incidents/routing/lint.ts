import type { AlertMatcher } from '../../spec/alert-matcher.ts';
import { matcherText } from '../../spec/alert-matcher.ts';
import { patternOf } from '../../spec/alert-pattern.ts';
import type { AlertRoute, AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';
import { isLike } from './matching.ts';
import { everyRoute } from './route-tree.ts';
import { isNever } from './time-intervals.ts';

/** Something in a tree that is allowed and hardly meant. */
export type RoutingLint = {
  readonly rule:
    | 'unreachable'
    | 'contradiction'
    | 'repeat-too-short'
    | 'tells-nobody'
    | 'no-such-policy'
    | 'no-such-notifier'
    | 'interval-never-holds'
    | 'interval-not-used'
    | 'inhibits-nothing';
  /** Where it stands in the document: `route.routes[0]`. */
  readonly place: string;
  readonly said: Text;
};

/** Names of what a tree may name; left out: they are not known, and not looked at. */
export type KnownReceivers = { readonly policies: readonly string[]; readonly notifiers: readonly string[] };

/** What in a tree is allowed and hardly meant, in the order of the document. What is said is true, but not all that could be. */
export function lintRouting(routing: AlertRoutingSpec, known?: KnownReceivers): readonly RoutingLint[] {
  return [
    ...lintNodes(routing.route, []),
    ...(known ? everyRoute(routing.route).flatMap((route) => unknownReceivers(route, known)) : []),
    ...lintRules(routing),
    ...lintIntervals(routing),
  ];
}

/** @param above - Matchers of the nodes above it. */
function lintNodes(route: AlertRoute, above: readonly AlertMatcher[]): readonly RoutingLint[] {
  const asked = [...above, ...route.matchers];
  const found: RoutingLint[] = [];
  const against = contradiction(asked);
  if (against)
    found.push(
      lint('contradiction', route, {
        en: `no alert comes here: ${against.map(matcherText).join(' and ')} never hold together`,
        ru: `сюда не попадёт ни один алерт: ${against.map(matcherText).join(' и ')} не выполняются вместе`,
      }),
    );
  const { repeatIntervalMs, groupIntervalMs } = route;
  if (repeatIntervalMs < groupIntervalMs) {
    const [repeat, every] = [durationText(repeatIntervalMs), durationText(groupIntervalMs)];
    found.push(
      lint('repeat-too-short', route, {
        en: `a repeat after ${repeat} comes after ${every} all the same: the group is looked at no sooner`,
        ru: `повтор через ${repeat} всё равно придёт через ${every}: раньше группа не проверяется`,
      }),
    );
  }
  if (route.policy === null && route.notifiers.length === 0 && route.routes.length === 0)
    found.push(lint('tells-nobody', route, { en: 'alerts here tell nobody', ru: 'об алертах здесь никому не сообщается' }));
  for (const [at, below] of route.routes.entries()) {
    const before = route.routes.slice(0, at).find((one) => !one.continues && covers(one, [...asked, ...below.matchers]));
    if (before)
      found.push(
        lint('unreachable', below, {
          en: `no alert comes here: ${before.place} takes them all`,
          ru: `сюда не попадёт ни один алерт: все берёт ${before.place}`,
        }),
      );
    found.push(...lintNodes(below, asked));
  }
  return found;
}

/** Whether what is like all of `asked` is like a node for certain. */
function covers(route: AlertRoute, asked: readonly AlertMatcher[]): boolean {
  return route.matchers.every((wanted) => asked.some((given) => implies(given, wanted)) || takesAnything(wanted));
}

function implies(given: AlertMatcher, wanted: AlertMatcher): boolean {
  if (given.name !== wanted.name) return false;
  if (given.op === wanted.op && given.value === wanted.value) return true;
  return given.op === '=' && isLike(wanted, given.value);
}

function takesAnything({ op, value }: AlertMatcher): boolean {
  return op === '=~' && ['.*', '(.*)', '^.*$', '^(?:.*)$'].includes(value);
}

/** Two that never hold together, or one that never does; null: none is found. */
function contradiction(asked: readonly AlertMatcher[]): readonly AlertMatcher[] | null {
  const never = asked.find(({ op, value }) => op === '!~' && takesAnything({ name: '', op: '=~', value }));
  if (never) return [never];
  for (const one of asked)
    if (one.op === '=') for (const other of asked) if (other.name === one.name && !isLike(other, one.value)) return [one, other];
  for (const one of asked)
    if (one.op === '=~' && !('problem' in patternOf(one.value)))
      for (const other of asked)
        if (other.op === '!~' && other.name === one.name && other.value === one.value) return [one, other];
  return null;
}

function unknownReceivers(route: AlertRoute, { policies, notifiers }: KnownReceivers): readonly RoutingLint[] {
  const { policy } = route;
  const found: RoutingLint[] = [];
  if (policy !== null && !policies.includes(policy))
    found.push(
      lint('no-such-policy', route, {
        en: `there is no escalation policy ${policy}`,
        ru: `нет политики эскалации ${policy}`,
      }),
    );
  for (const name of route.notifiers)
    if (!notifiers.includes(name))
      found.push(lint('no-such-notifier', route, { en: `there is no receiver ${name}`, ru: `нет получателя ${name}` }));
  return found;
}

function lintRules({ inhibitRules }: AlertRoutingSpec): readonly RoutingLint[] {
  return inhibitRules.flatMap((rule) => {
    // What is like the source is then like the target too, and of those none speaks for another.
    const isOneSet = rule.targetMatchers.every((wanted) => rule.sourceMatchers.some((given) => implies(given, wanted)));
    const isBack = rule.sourceMatchers.every((wanted) => rule.targetMatchers.some((given) => implies(given, wanted)));
    if (!isOneSet || !isBack) return [];
    return [
      lint('inhibits-nothing', rule, {
        en: 'it inhibits nothing: its sources are its targets, and an alert does not speak for its like',
        ru: 'оно ничего не подавляет: источники и цели совпадают, а алерт не говорит за такие же',
      }),
    ];
  });
}

function lintIntervals({ route, timeIntervals }: AlertRoutingSpec): readonly RoutingLint[] {
  const used = new Set(everyRoute(route).flatMap((one) => [...one.muteTimeIntervals, ...one.activeTimeIntervals]));
  return [...timeIntervals].flatMap(([name, intervals], at) => {
    const place = `timeIntervals[${at}]`;
    const found = intervals.flatMap((interval, index) =>
      isNever(interval)
        ? [
            lint(
              'interval-never-holds',
              { place: `${place}.timeIntervals[${index}]` },
              {
                en: `${name}: there is no moment in this interval`,
                ru: `${name}: в этом интервале нет ни одного момента`,
              },
            ),
          ]
        : [],
    );
    if (intervals.length === 0)
      found.push(
        lint('interval-never-holds', { place }, { en: `${name} has no interval`, ru: `в ${name} нет ни одного интервала` }),
      );
    if (!used.has(name))
      found.push(lint('interval-not-used', { place }, { en: `no node names ${name}`, ru: `ни один узел не называет ${name}` }));
    return found;
  });
}

function lint(rule: RoutingLint['rule'], { place }: { readonly place: string }, said: Text): RoutingLint {
  return { rule, place, said };
}
