import { UserError } from '../errors.ts';
import type { ChecklistItem, ChecklistPhase, ChecklistSpec } from '../spec/checklist-types.ts';
import { holds, namesIn, readCondition } from '../spec/condition.ts';
import { nearest } from '../spec/nearest.ts';
import { optionalIn, referencesIn, withParameters } from '../spec/parameters.ts';
import type { Missing, ResolvedCheck, ResolvedChecklist, ResolvedItem } from './resolved.ts';

/** The kinds of checks that there are, and what reads their configurations. */
export type CheckReader = {
  readonly names: readonly string[];
  /** What its schema makes of a configuration, or what is wrong with it. */
  read(kind: string, written: unknown): { readonly config: unknown } | { readonly problems: readonly string[] };
};

/** More of them extend each other by mistake alone. */
const extendsMax = 20;

/**
 * A checklist for one service.
 *
 * @param byName - Finds another checklist; null: there is none of this name.
 * @param kinds - What reads the configurations of checks.
 * @param given - Parameters as the service's document gives them.
 * @throws UserError `E_CHECKLIST` when the checklist cannot be what was meant: an unknown name, a circle, the same id twice.
 */
export function resolveChecklist(
  spec: ChecklistSpec,
  byName: (name: string) => ChecklistSpec | null,
  kinds: CheckReader,
  given: Readonly<Record<string, unknown>>,
): ResolvedChecklist {
  const whole = extended(spec, byName, []);
  const known = whole.parameters.map(({ name }) => name);
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw unknown(`checklist ${spec.name} has no parameter ${name}`, 'readiness.parameters', name, known);
  const defaults = whole.parameters.flatMap((one) =>
    'default' in one && one.default !== undefined ? [[one.name, one.default]] : [],
  );
  const parameters: Readonly<Record<string, unknown>> = { ...Object.fromEntries(defaults), ...withoutNull(given) };
  const ids = whole.phases.flatMap((phase) => phase.items.map(({ id }) => `${phase.id}.${id}`));
  const phases = whole.phases.map(({ id, title, items }) => ({
    id,
    title,
    items: items.map((item) => resolvedItem(`${id}.${item.id}`, item, parameters, known, kinds)),
  }));
  checkNeeds(
    phases.flatMap(({ items }) => items),
    ids,
  );
  return { name: spec.name, title: spec.title, phases, signOffs: whole.signOffs };
}

/** The checklist with all that it extends. */
function extended(
  spec: ChecklistSpec,
  byName: (name: string) => ChecklistSpec | null,
  before: readonly string[],
): Pick<ChecklistSpec, 'parameters' | 'phases' | 'signOffs'> {
  if (spec.extends === null) {
    if (spec.without.length > 0)
      throw wrong(`checklist ${spec.name} leaves out ${spec.without[0]} of nothing`, 'spec.without', 'say what it extends');
    return spec;
  }
  const path = [...before, spec.name];
  const found = byName(spec.extends);
  // One may extend the built-in one of its own name.
  const isBack = spec.extends === spec.name ? found === spec : path.includes(spec.extends);
  if (isBack || path.length > extendsMax)
    throw wrong(
      `checklists extend each other in a circle: ${[...path, spec.extends].join(' → ')}`,
      'spec.extends',
      'let one of them stand by itself',
    );
  if (!found)
    throw wrong(
      `there is no checklist ${spec.extends}, which ${spec.name} extends`,
      'spec.extends',
      'see `rampart checklists` for those that there are',
    );
  const base = extended(found, byName, path);
  const names = base.phases.flatMap(({ id, items }) => [id, ...items.map((item) => `${id}.${item.id}`)]);
  for (const name of spec.without)
    if (!names.includes(name)) throw unknown(`checklist ${spec.extends} has no ${name}`, 'spec.without', name, names);
  const kept = base.phases
    .filter(({ id }) => !spec.without.includes(id))
    .map((phase) => ({ ...phase, items: phase.items.filter(({ id }) => !spec.without.includes(`${phase.id}.${id}`)) }))
    .map((phase) =>
      merged(
        phase,
        spec.phases.find(({ id }) => id === phase.id),
      ),
    )
    .filter(({ items }) => items.length > 0);
  return {
    parameters: joined(base.parameters, spec.parameters, ({ name }) => name),
    phases: [...kept, ...spec.phases.filter(({ id }) => !kept.some((phase) => phase.id === id))],
    signOffs: joined(base.signOffs, spec.signOffs, ({ role }) => role),
  };
}

function merged(base: ChecklistPhase, own: ChecklistPhase | undefined): ChecklistPhase {
  return own ? { ...own, items: joined(base.items, own.items, ({ id }) => id) } : base;
}

/** The first list, with those of the second in the place of the same, and the others behind. */
function joined<One>(first: readonly One[], second: readonly One[], nameOf: (one: One) => string): readonly One[] {
  const own = new Map(second.map((one) => [nameOf(one), one]));
  const kept = first.map((one) => own.get(nameOf(one)) ?? one);
  const names = new Set(first.map(nameOf));
  return [...kept, ...second.filter((one) => !names.has(nameOf(one)))];
}

function resolvedItem(
  id: string,
  item: ChecklistItem,
  parameters: Readonly<Record<string, unknown>>,
  known: readonly string[],
  kinds: CheckReader,
): ResolvedItem {
  const { title, role, severity, confirm, validForMs, needs, fix } = item;
  const { check, missing } = resolvedCheck(id, item, parameters, known, kinds);
  return {
    id,
    title,
    role,
    severity,
    applies: applies(id, item.if, parameters, known),
    check,
    missing,
    confirm,
    validForMs,
    needs,
    fix,
  };
}

function applies(
  id: string,
  condition: string | null,
  parameters: Readonly<Record<string, unknown>>,
  known: readonly string[],
): ResolvedItem['applies'] {
  if (condition === null) return true;
  const read = readCondition(condition);
  if ('problem' in read)
    throw wrong(
      `the condition of ${id} cannot be read: ${read.problem}`,
      `${id}, if: ${condition}`,
      'write it as kubernetes && !managed',
    );
  for (const name of namesIn(read.condition))
    if (!known.includes(name)) throw unknown(`the condition of ${id} asks for a parameter ${name}`, `${id}, if`, name, known);
  return holds(read.condition, parameters) ? true : { not: condition };
}

function resolvedCheck(
  id: string,
  { check, timeoutMs }: ChecklistItem,
  parameters: Readonly<Record<string, unknown>>,
  known: readonly string[],
  kinds: CheckReader,
): { readonly check: ResolvedCheck | null; readonly missing: Missing | null } {
  if (!check) return { check: null, missing: null };
  const { kind, config } = check;
  if (!kinds.names.includes(kind))
    throw unknown(`${id} has a check of kind ${kind}, which there is not`, `${id}, check`, kind, kinds.names);
  const names = referencesIn(config);
  for (const name of [...names, ...optionalIn(config)])
    if (!known.includes(name)) throw unknown(`the check of ${id} uses a parameter ${name}`, `${id}, check`, name, known);
  const absent = names.filter((name) => !Object.hasOwn(parameters, name));
  if (absent.length > 0) return { check: null, missing: { parameters: absent, problems: [] } };
  const written = withParameters(config, parameters);
  const read = kinds.read(kind, written);
  if ('problems' in read) return { check: null, missing: { parameters: names, problems: read.problems } };
  return { check: { kind, config: read.config, written, timeoutMs }, missing: null };
}

function checkNeeds(items: readonly ResolvedItem[], ids: readonly string[]): void {
  const byId = new Map(items.map((item) => [item.id, item]));
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (done.has(id)) return;
    if (path.includes(id))
      throw wrong(
        `items need each other in a circle: ${[...path.slice(path.indexOf(id)), id].join(' → ')}`,
        `${id}, needs`,
        'take one of these needs away',
      );
    for (const need of byId.get(id)?.needs ?? []) {
      if (!byId.has(need)) throw unknown(`${id} needs ${need}, which the checklist has not`, `${id}, needs`, need, ids);
      visit(need, [...path, id]);
    }
    done.add(id);
  };
  for (const { id } of items) visit(id, []);
}

/** `null` in a document says that there is nothing, which is what leaving it out says. */
function withoutNull(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
}

function wrong(what: string, where: string, fix: string): UserError {
  return new UserError('E_CHECKLIST', what, { where, fix });
}

function unknown(what: string, where: string, name: string, known: readonly string[]): UserError {
  const near = nearest(name, known);
  return wrong(what, where, near ? `did you mean ${near}?` : `use one of: ${known.slice(0, 100).join(', ')}`);
}
