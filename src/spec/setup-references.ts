import { UserError } from '../errors.ts';
import type { Finding } from './explain.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import type { NotifierKinds } from './notifier.ts';
import type { Problem } from './problem.ts';

/** A document of a setup as it is written. Its schema has accepted it. */
export type SetupDocument = {
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
  /** The problem at its place in the file. */
  readonly place: (finding: Finding) => Problem;
};

type Path = readonly PropertyKey[];
type Reference = { readonly to: string; readonly name: string; readonly path: Path; readonly at?: Finding['at'] };

/** Names in a setup that nothing has, and addresses that their receiver cannot have. */
export function setupReferenceProblems(documents: readonly SetupDocument[], kinds: NotifierKinds): readonly Problem[] {
  const names = Map.groupBy(documents, ({ kind }) => kind);
  const known = (kind: string): readonly string[] => (names.get(kind) ?? []).map(({ name }) => name);
  const missing = documents.flatMap((document) =>
    referencesOf(document).flatMap(({ to, name, path, at = 'value' }) => {
      if (known(to).includes(name)) return [];
      const near = nearest(name, known(to));
      const message = `there is no ${to} called ${found(name)}${near === undefined ? '' : `; did you mean ${found(near)}?`}`;
      return [document.place({ path, at, message })];
    }),
  );
  const notifiers = names.get('Notifier') ?? [];
  return [
    ...missing,
    ...documents.flatMap((document) => [
      ...addressProblems(document, notifiers, kinds),
      ...senderProblems(document, notifiers, kinds),
    ]),
  ];
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : []);

function referencesOf({ kind, spec }: SetupDocument): readonly Reference[] {
  if (!isMapping(spec)) return [];
  switch (kind) {
    case 'Person':
      return [
        ...each(spec.contacts, ['spec', 'contacts'], (contact, path) => one('Notifier', contact.notifier, [...path, 'notifier'])),
        ...(isMapping(spec.accounts) ? Object.keys(spec.accounts) : []).map(
          (name): Reference => ({ to: 'Notifier', name, path: ['spec', 'accounts', name], at: 'key' }),
        ),
      ];
    case 'Notifier':
      // Any kind of receiver that has war rooms names those who are asked in.
      return Object.entries(spec).flatMap(([receiver, config]) =>
        isMapping(config) && isMapping(config.warRoom)
          ? list(config.warRoom.invite).flatMap((name, index) =>
              name === 'on-call' ? [] : one('Person', name, ['spec', receiver, 'warRoom', 'invite', index]),
            )
          : [],
      );
    case 'Schedule':
      return [
        ...each(spec.layers, ['spec', 'layers'], (layer, path) =>
          list(layer.people).flatMap((name, index) => one('Person', name, [...path, 'people', index])),
        ),
        ...each(spec.overrides, ['spec', 'overrides'], (override, path) => one('Person', override.person, [...path, 'person'])),
        ...each(spec.swaps, ['spec', 'swaps'], (swap, path) =>
          each(swap.between, [...path, 'between'], (side, at) => one('Person', side.person, [...at, 'person'])),
        ),
      ];
    case 'EscalationPolicy':
      return each(spec.steps, ['spec', 'steps'], (step, path) => each(step.notify, [...path, 'notify'], targetReferences));
    case 'ReleaseNotices':
      return each(spec.tell, ['spec', 'tell'], targetReferences);
    case 'StatusPage':
      return isMapping(spec.subscribers) ? one('Notifier', spec.subscribers.notifier, senderPath) : [];
    case 'AlertRouting':
      return routeReferences(spec.route, ['spec', 'route']);
    default:
      return [];
  }
}

function targetReferences(target: Readonly<Record<string, unknown>>, at: Path): readonly Reference[] {
  return [
    ...one('Schedule', target.schedule, [...at, 'schedule']),
    ...one('Person', target.person, [...at, 'person']),
    ...one('Notifier', target.notifier, [...at, 'notifier']),
  ];
}

const senderPath: Path = ['spec', 'subscribers', 'notifier'];

/** Subscribers have addresses of their own, and not every receiver can write to strangers. */
function senderProblems(
  { kind, spec, place }: SetupDocument,
  notifiers: readonly SetupDocument[],
  kinds: NotifierKinds,
): readonly Problem[] {
  if (kind !== 'StatusPage' || !isMapping(spec) || !isMapping(spec.subscribers)) return [];
  const { notifier } = spec.subscribers;
  const receiver = kindOf(
    notifiers.find(({ name }) => name === notifier),
    kinds,
  );
  if (receiver === undefined || kinds[receiver]?.addressed?.subscribers) return [];
  const able = Object.keys(kinds).filter((one) => kinds[one]?.addressed?.subscribers);
  return [
    place({
      path: senderPath,
      at: 'value',
      message: `expected a Notifier of kind ${able.join(' or ')}, found one of kind ${receiver}`,
    }),
  ];
}

function kindOf(notifier: SetupDocument | undefined, kinds: NotifierKinds): string | undefined {
  return isMapping(notifier?.spec) ? Object.keys(notifier.spec).find((key) => Object.hasOwn(kinds, key)) : undefined;
}

function routeReferences(route: unknown, path: Path): readonly Reference[] {
  if (!isMapping(route)) return [];
  return [
    ...(route.policy === 'off' ? [] : one('EscalationPolicy', route.policy, [...path, 'policy'])),
    ...list(route.notifiers).flatMap((name, index) => one('Notifier', name, [...path, 'notifiers', index])),
    ...list(route.routes).flatMap((below, index) => routeReferences(below, [...path, 'routes', index])),
  ];
}

function one(to: string, name: unknown, path: Path): readonly Reference[] {
  return text(name).map((given) => ({ to, name: given, path }));
}

function each(
  items: unknown,
  path: Path,
  references: (item: Readonly<Record<string, unknown>>, path: Path) => readonly Reference[],
): readonly Reference[] {
  return list(items).flatMap((item, index) => (isMapping(item) ? references(item, [...path, index]) : []));
}

/** A contact's own address has to be one that its receiver may have. */
function addressProblems(
  { kind, spec, place }: SetupDocument,
  notifiers: readonly SetupDocument[],
  kinds: NotifierKinds,
): readonly Problem[] {
  if (kind !== 'Person' || !isMapping(spec)) return [];
  return list(spec.contacts).flatMap((contact, index) => {
    if (!isMapping(contact) || typeof contact.to !== 'string') return [];
    const notifier = notifiers.find(({ name }) => name === contact.notifier);
    const receiver = kindOf(notifier, kinds);
    if (receiver === undefined) return [];
    const { addressed } = kinds[receiver] ?? {};
    const path = ['spec', 'contacts', index, 'to'];
    if (!addressed)
      return [
        place({ path, at: 'value', message: `${receiver} has one address only: leave \`to\` out, or name another notifier` }),
      ];
    const checked = addressed.to.safeParse(contact.to);
    if (!checked.success) return [place({ path, at: 'value', message: checked.error.issues[0]?.message ?? 'not an address' })];
    const message = fixedAddress(notifier, receiver, contact.to, kinds);
    return message === null ? [] : [place({ path, at: 'value', message })];
  });
}

/** Why a notifier as it is configured has no other address, though its kind has; null: it has. */
function fixedAddress(notifier: SetupDocument | undefined, receiver: string, to: string, kinds: NotifierKinds): string | null {
  const config = isMapping(notifier?.spec) ? kinds[receiver]?.schema.safeParse(notifier.spec[receiver]) : undefined;
  // What is wrong with the notifier itself is said there.
  if (!config?.success) return null;
  try {
    kinds[receiver]?.addressed?.at?.(config.data, to);
    return null;
  } catch (error) {
    if (error instanceof UserError) return `${error.message}: ${error.fix}`;
    throw error;
  }
}
