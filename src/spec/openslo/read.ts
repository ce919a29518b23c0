import { UserError } from '../../errors.ts';
import { explain, type Finding } from '../explain.ts';
import { calendarMs, objectives as objectivesSchema } from '../objective.ts';
import { type Problem, pathText, SpecError } from '../problem.ts';
import type { Kinds } from '../service.ts';
import type { BurnTier, StandaloneObjective } from '../types.ts';
import { durationMs, durationText, percentText } from '../unit-text.ts';
import { annotations } from './annotations.ts';
import { wholeOf } from './decimal.ts';
import { type OpenSloEntry, type OpenSloText, openSloDocuments } from './documents.ts';
import { type Indicator, indicatorOf, type Reading } from './indicator.ts';
import { label } from './label.ts';
import { policyOf } from './policy.ts';
import { below, Library, Report, type Spot } from './report.ts';
import type { OpenSloKind, SloObjective } from './schema.ts';
import { exactly, type WindowDocument, windowOf } from './window.ts';

/** What has to be known beside the documents. */
export type OpenSloContext = {
  readonly sources: Kinds['sources'];
  /** The burn-rate alerts of an objective that has none of its own, for a window in milliseconds. */
  readonly usual: (windowMs: number) => readonly BurnTier[];
};

/** The OpenSLO documents of some files, and what they promise. */
export type OpenSloReading = {
  readonly documents: readonly { readonly file: string; readonly kind: OpenSloKind; readonly name: string }[];
  readonly objectives: readonly StandaloneObjective[];
  /** What is no OpenSLO, or contradicts itself. */
  readonly problems: readonly Problem[];
  /** Where a text is no YAML, which `parseDocuments` says as well. */
  readonly unreadable: readonly Problem[];
  /** What is right as OpenSLO, and cannot be kept here exactly. Its SLO is not among the objectives. */
  readonly refusals: readonly Problem[];
  /** What was not taken as it is said. */
  readonly notes: readonly Problem[];
};

/**
 * Reads the OpenSLO documents of files together: a name may stand in one and be used in another. Never throws; documents of ours are
 * left to `parseDocuments`.
 */
export function readOpenSlo(texts: readonly OpenSloText[], { sources, usual }: OpenSloContext): OpenSloReading {
  const read = texts.map(openSloDocuments);
  const entries = read.flatMap((one) => one.entries);
  const reading: Reading = { sources, library: new Library(entries), report: new Report() };
  const slos = entries.filter((entry) => entry.kind === 'SLO');
  const found = slos.flatMap((slo) => objectivesOf(slo, usual, reading));
  const taken = new Set<string>();
  for (const { standalone, at } of found) {
    // Of several files only one may be meant to be applied: that is for `standaloneObjectives` to say.
    const key = JSON.stringify([at.entry.file, standalone.name]);
    if (taken.has(key))
      reading.report.problem(at, `there already is an objective called ${standalone.name} in this file; a name means one`);
    taken.add(key);
  }
  return {
    documents: entries.map(({ file, kind, document }) => ({ file, kind, name: document.metadata.name })),
    objectives: found.map(({ standalone }) => standalone),
    problems: sorted([...read.flatMap((one) => one.problems), ...reading.report.problems]),
    unreadable: read.flatMap((one) => one.unreadable),
    refusals: sorted(reading.report.refusals),
    notes: sorted(reading.report.notes),
  };
}

/**
 * The objectives of files of OpenSLO documents, all of them.
 *
 * @throws SpecError (`E_SPEC`) with every problem of the first file that has one, also where something cannot be kept exactly;
 * UserError (`E_INPUT`) when two files have an objective of the same name.
 */
export function standaloneObjectives(
  texts: readonly OpenSloText[],
  context: OpenSloContext,
): Pick<OpenSloReading, 'objectives' | 'notes'> {
  const { objectives, problems, unreadable, refusals, notes } = readOpenSlo(texts, context);
  for (const { file, text } of texts) {
    const [first, ...others] = sorted([...unreadable, ...problems, ...refusals].filter((problem) => problem.file === file));
    if (first) throw new SpecError([first, ...others], text);
  }
  const names = objectives.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UserError('E_INPUT', `several files have an objective called ${twice}; a name means one`, {
      where: texts.map(({ file }) => file).join(' '),
      fix: 'give one of the files, or another name in one of them',
    });
  return { objectives, notes };
}

/** In the order of the text, and what several objectives of an SLO have in common once. */
function sorted(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
}

type Found = { readonly standalone: StandaloneObjective; readonly at: Spot };

/** One for each of its `objectives`; none when anything about it was refused. */
function objectivesOf(entry: OpenSloEntry<'SLO'>, usual: OpenSloContext['usual'], outer: Reading): readonly Found[] {
  // Its own report: what is wrong with another SLO does not take this one away.
  const report = new Report();
  const reading = { ...outer, report };
  const { metadata, spec } = entry.document;
  const at: Spot = { entry, path: [] };
  const nameAt = below(at, 'metadata', 'name');
  const window = windowOf(entry.document, below(at, 'spec', 'timeWindow'), report);
  if (spec.budgetingMethod === 'RatioTimeslices')
    report.refuse(
      below(at, 'spec', 'budgetingMethod'),
      'expected Occurrences or Timeslices: a mean of the ratios of slices is no count of bad events, so it has no exact budget here',
      'write Timeslices with a timeSliceTarget, which counts good slices, or Occurrences, which counts events',
    );
  const names = objectiveNames(metadata.name, spec.objectives);
  if (names.some((name) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)))
    report.refuse(nameAt, 'expected a name of at most 63 small letters, digits and dashes, such as web-availability');
  const indicators = spec.objectives.map((objective, index) => indicatorFor(entry, objective, index, reading));
  const policy = window && policyOf(entry, windowMs(window), usual(windowMs(window)), reading);
  const found: Found[] = [];
  for (const [index, objective] of spec.objectives.entries()) {
    const objectiveAt = below(at, 'spec', 'objectives', index);
    const target = targetOf(objective, objectiveAt, report);
    const slices = slicesOf(entry, objective, objectiveAt, report);
    const indicator = indicators[index];
    const name = names[index];
    if (!window || !policy || target === null || slices === null || !indicator || name === undefined) continue;
    const written = {
      name: metadata.annotations?.[annotations.objective] ?? name,
      target,
      window,
      ...(indicator.below === undefined ? {} : { below: indicator.below }),
      ...(indicator.events ? { events: indicator.events } : {}),
      ...(slices === undefined ? {} : { slices }),
      ...(policy.alerts === undefined ? {} : { alerts: policy.alerts }),
    };
    // The rules for an objective are those of our own documents, wherever it comes from.
    const result = explain(objectivesSchema, [written]);
    const [read] = result.ok ? result.value : [];
    if (!result.ok) for (const finding of result.findings) refuseAs(finding, entry, objectiveAt, indicator, policy.at, report);
    if (!read) continue;
    found.push({
      at: nameAt,
      standalone: {
        name,
        service: metadata.annotations?.[annotations.service] === 'none' ? null : spec.service,
        displayName: titleOf(metadata.displayName, objective.displayName, spec.objectives.length),
        description: spec.description ?? null,
        source: indicator.source,
        objective: read,
      },
    });
  }
  outer.report.problems.push(...report.problems);
  outer.report.refusals.push(...report.refusals);
  outer.report.notes.push(...report.notes);
  return report.isFine ? found : [];
}

/** The name of the SLO; of several objectives in it, with the words of each, or its number, behind it. */
function objectiveNames(slo: string, objectives: readonly SloObjective[]): readonly string[] {
  if (objectives.length === 1) return [slo];
  const words = objectives.map(({ displayName = '' }) => label(displayName));
  return words.map((word, index) => `${slo}-${word === '' || words.indexOf(word) !== index ? index + 1 : word}`);
}

function titleOf(slo: string | undefined, objective: string | undefined, count: number): string | null {
  if (count === 1) return slo ?? objective ?? null;
  return [slo, objective].filter((text) => text !== undefined).join(': ') || null;
}

function windowMs(window: WindowDocument): number {
  return typeof window === 'string' ? (durationMs(window) ?? 0) : calendarMs[window.calendar];
}

function indicatorFor(entry: OpenSloEntry<'SLO'>, objective: SloObjective, index: number, reading: Reading): Indicator | null {
  const { spec } = entry.document;
  const at: Spot = { entry, path: ['spec'] };
  const objectiveAt = below(at, 'objectives', index);
  if (objective.compositeWeight !== undefined)
    return reading.report.refuse(
      below(objectiveAt, 'compositeWeight'),
      'expected no compositeWeight: a weighted mean of objectives is no count of bad events. Write an SLO for each',
    );
  const isOwn = objective.indicator !== undefined || objective.indicatorRef !== undefined;
  const { indicator, indicatorRef } = isOwn ? objective : spec;
  const holder = isOwn ? objectiveAt : at;
  if (indicator) return indicatorOf(indicator.spec, below(holder, 'indicator', 'spec'), objective, objectiveAt, reading);
  if (indicatorRef === undefined) return reading.report.problem(objectiveAt, 'expected indicator or indicatorRef');
  const sli = reading.library.find('SLI', indicatorRef, below(holder, 'indicatorRef'), reading.report);
  return sli && indicatorOf(sli.document.spec, { entry: sli, path: ['spec'] }, objective, objectiveAt, reading);
}

function targetOf({ target, targetPercent }: SloObjective, at: Spot, report: Report): string | null {
  const key = target === undefined ? 'targetPercent' : 'target';
  const value = target ?? targetPercent ?? 0;
  const ppm = wholeOf(value, target === undefined ? 10_000n : 1_000_000n);
  if (ppm !== null && ppm > 0) return percentText(ppm);
  return report.refuse(
    below(at, key),
    ppm === null
      ? `expected a target in whole parts per million, such as 0.9995, found ${value}: a budget is an exact fraction here`
      : 'expected a target above 0: everything keeps one of 0',
  );
}

/** Slices as documents of ours write them; undefined: events are counted; null: they were refused. */
function slicesOf(
  { document }: OpenSloEntry<'SLO'>,
  { timeSliceTarget, timeSliceWindow }: SloObjective,
  at: Spot,
  report: Report,
): { readonly each: string; readonly target: string } | undefined | null {
  const { budgetingMethod } = document.spec;
  if (budgetingMethod === 'RatioTimeslices') return null;
  if (budgetingMethod === 'Occurrences') {
    if (timeSliceTarget === undefined && timeSliceWindow === undefined) return undefined;
    const key = timeSliceTarget === undefined ? 'timeSliceWindow' : 'timeSliceTarget';
    return report.refuse(
      below(at, key),
      `expected no ${key} beside Occurrences, which counts events; write Timeslices to count slices`,
    );
  }
  if (timeSliceTarget === undefined || timeSliceWindow === undefined) return null;
  const window =
    typeof timeSliceWindow === 'number'
      ? ({ count: timeSliceWindow, unit: 'm', ms: timeSliceWindow * 60_000 } as const)
      : timeSliceWindow;
  const each = exactly(window, annotations.slice, document, below(at, 'timeSliceWindow'), report);
  const ppm = wholeOf(timeSliceTarget, 1_000_000n);
  if (ppm === null || ppm < 1)
    return report.refuse(
      below(at, 'timeSliceTarget'),
      `expected a target in whole parts per million, such as 0.95, found ${timeSliceTarget}`,
    );
  return each === null ? null : { each: durationText(each), target: percentText(ppm) };
}

/** What the rules for our own objectives say, at the place where OpenSLO says it. */
function refuseAs(
  { path, message, fix }: Finding,
  entry: OpenSloEntry<'SLO'>,
  objectiveAt: Spot,
  indicator: Indicator,
  policyAt: Spot,
  report: Report,
): void {
  const [, key, inner] = path;
  const at: Spot = { entry, path: [] };
  const windowAt = below(at, 'spec', 'timeWindow', 0);
  const hasName = entry.document.metadata.annotations?.[annotations.objective] !== undefined;
  const spots: Readonly<Record<string, Spot>> = {
    name: hasName ? below(at, 'metadata', 'annotations', annotations.objective) : below(at, 'metadata', 'name'),
    target: below(objectiveAt, 'target'),
    window: inner === 'zone' ? below(windowAt, 'calendar', 'timeZone') : below(windowAt, 'duration'),
    below: below(objectiveAt, 'value'),
    events: indicator.spots[String(inner)] ?? objectiveAt,
    slices: below(objectiveAt, inner === 'each' ? 'timeSliceWindow' : 'timeSliceTarget'),
    alerts: policyAt,
  };
  const said = key === 'alerts' && inner !== undefined ? `${pathText(path.slice(2))}: ${message}` : message;
  report.refuse(spots[String(key)] ?? objectiveAt, said, fix);
}
