import { stripVTControlCharacters, styleText } from 'node:util';
import type { InstanceView, ReleaseView, ServiceView } from '../views/service-view.ts';

/** An event as the API lists it. */
export type EventLine = { readonly seq: number; readonly at: number; readonly said: string | null };

type Style = Parameters<typeof styleText>[0];

/** How the screen is drawn: its size, and whether the terminal shows colours. */
export type Paper = { readonly width: number; readonly height: number; readonly colour: boolean };

/** Fewest events that a screen shows whatever else there is: what happens is what people look for. */
const eventsMin = 3;

/** A screen with fewer lines has no empty ones, and shows fewer steps. */
const roomyHeight = 30;

/** One service on one screen: split, versions, guard, steps, what happened. Never wider or higher than the paper. */
export function serviceScreen(view: ServiceView, events: readonly EventLine[], nowMs: number, paper: Paper): readonly string[] {
  const paint = painter(paper);
  const release = view.live;
  const gap = paper.height < roomyHeight ? [] : [''];
  const lines: string[] = [paint('bold', title(view, release)), ...gap];
  if (release) {
    lines.push(
      splitLine(view, release, paper, paint),
      ...gap,
      ...versionLines(release, paint),
      ...gap,
      ...wrapped('guard   ', guardText(release, paint), paper.width),
    );
    lines.push(
      ...wrapped('now     ', `${stateText(release, paint)}${waitText(release, nowMs)}`, paper.width),
      ...stepLines(release, paint, paper),
    );
  } else lines.push(...idleLines(view, paint, paper));
  lines.push(...instanceLines(view.instances, paint));
  const height = paper.height - 1;
  const happened = events.filter(({ said }) => said !== null);
  const room = Math.max(Math.min(eventsMin, happened.length), height - lines.length - gap.length);
  const told = happened.slice(-room).map(({ at, said }) => `${paint('dim', timeText(at))}  ${said}`);
  const below = told.length > 0 ? [...gap, ...told] : [];
  return [...lines.slice(0, height - below.length), ...below].map((line) => cut(line, paper.width));
}

/** Local time of day to the second. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A count with thousands apart: 12,345. */
export function countText(count: number): string {
  return count.toLocaleString('en-GB');
}

function title(view: ServiceView, release: ReleaseView | null): string {
  if (!release) return `${view.name}  ${view.stable ? view.stable.version : 'no version yet'}`;
  return `${view.name}  ${release.stable ?? 'nothing'} → ${release.version}  (${release.strategy}, ${release.id})`;
}

function splitLine(view: ServiceView, release: ReleaseView, paper: Paper, paint: Painter): string {
  // All that can ever stand beside the bar has room, so that it keeps its length while the weight grows.
  const beside = 'traffic   100 %  · 100 %   (on its way)'.length + (release.stable ?? '–').length + release.version.length;
  const width = Math.max(10, Math.min(60, paper.width - beside));
  const { weight, inForce } = view.route;
  const filled = weight > 0 ? Math.max(1, Math.round((weight / 100) * width)) : 0;
  const bar = paint('green', '█'.repeat(width - filled)) + paint('yellow', '█'.repeat(filled));
  return `traffic ${bar} ${100 - weight} % ${release.stable ?? '–'} · ${weight} % ${release.version}${inForce ? '' : paint('yellow', '  (on its way)')}`;
}

function versionLines(release: ReleaseView, paint: Painter): readonly string[] {
  const candidate = [release.version, release.totals.candidate] as const;
  const sides = release.stable === null ? [candidate] : [[release.stable, release.totals.stable] as const, candidate];
  const width = (texts: readonly string[], least: number): number => Math.max(least, ...texts.map((text) => text.length));
  const names = width(
    sides.map(([version]) => version),
    5,
  );
  const counts = width(
    sides.map(([, { requests }]) => countText(requests)),
    7,
  );
  return sides.map(([version, { requests, errors }]) => {
    const share = requests === 0 ? '' : ` (${((errors / requests) * 100).toFixed(2)} %)`;
    const text = `        ${version.padEnd(names)} ${countText(requests).padStart(counts)} requests, ${countText(errors)} failed${share}`;
    return errors > 0 ? paint('red', text) : text;
  });
}

function guardText(release: ReleaseView, paint: Painter): string {
  if (!release.verdict) return 'watches; the candidate has no traffic yet';
  const colour: Record<string, Style> = { pass: 'green', fail: 'red', undecided: 'yellow', blind: 'yellow' };
  return `${paint(colour[release.verdict.kind] ?? 'white', release.verdict.kind)}: ${release.verdict.sentence}`;
}

function stateText(release: ReleaseView, paint: Painter): string {
  const alarming = release.state === 'rolling-back' || release.state === 'rollback-failed';
  const { state, doing } = release;
  const isNamed = doing.startsWith(`${state}: `);
  return `${paint(alarming ? 'red' : state === 'held' ? 'yellow' : 'cyan', state)}: ${isNamed ? doing.slice(state.length + 2) : doing}`;
}

function waitText(release: ReleaseView, nowMs: number): string {
  if (release.untilMs === null || release.untilMs <= nowMs) return '';
  const seconds = Math.ceil((release.untilMs - nowMs) / 1_000);
  return ` (${leftText(seconds)} left)`;
}

/** In the unit in which there are two of it at least. */
function leftText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.ceil(seconds / 3_600)} h`;
  return `${Math.ceil(seconds / 86_400)} days`;
}

/** Every step on a small screen would push out what happens: the ones around the present are enough. */
function stepLines(release: ReleaseView, paint: Painter, paper: Paper): readonly string[] {
  const now = release.steps.findIndex(({ state }) => state === 'now' || state === 'stopped');
  const max = paper.height < roomyHeight ? 3 : 12;
  const from = Math.max(0, Math.min(now < 0 ? 0 : now - 1, release.steps.length - max));
  const shown = release.steps.slice(from, from + max).map(({ text, state }, index) => {
    const number = `${from + index + 1}.`.padStart(4);
    if (state === 'done') return paint('dim', `    ✓${number} ${text}`);
    if (state === 'stopped') return paint('red', `    ✗${number} ${text}`);
    return state === 'now' ? paint('bold', `    ▶${number} ${text}`) : `     ${number} ${text}`;
  });
  const hidden = release.steps.length - shown.length;
  return ['steps', ...shown, ...(hidden > 0 ? [paint('dim', `          (${hidden} more)`)] : [])];
}

function idleLines(view: ServiceView, paint: Painter, paper: Paper): readonly string[] {
  const [last] = view.ended;
  if (!last) return ['no release yet'];
  const colour: Style = last.outcome === 'succeeded' ? 'green' : 'red';
  const lines = wrapped('last    ', `${last.version} ${paint(colour, last.outcome)}: ${last.reason}`, paper.width);
  if (last.secondsToSafety !== null)
    lines.push(
      `        ${last.secondsToSafety} s from the first sign of the fault to safety, ${countText(last.failedRequests)} failed requests`,
    );
  return lines;
}

function instanceLines(instances: readonly InstanceView[], paint: Painter): readonly string[] {
  if (instances.length === 0) return [];
  const first = instances.slice(0, 6);
  const ids = Math.max(...first.map(({ id }) => id.length));
  const addresses = Math.max(...first.map(({ address }) => address.length));
  const shown = first.map(({ id, address, state, restarts, problem }) => {
    const text = `    ${id.padEnd(ids)}  ${address.padEnd(addresses)}  ${state}${restarts > 0 ? `, restarted ${restarts}×` : ''}${problem ? `: ${problem}` : ''}`;
    return state === 'ready' ? text : paint('yellow', text);
  });
  return ['runs', ...shown, ...(instances.length > 6 ? [`    and ${instances.length - 6} more`] : [])];
}

type Painter = (style: Style, text: string) => string;

function painter({ colour }: Paper): Painter {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** Breaks a text at spaces, with its first line behind a label. */
export function wrapped(label: string, text: string, width: number): string[] {
  const room = Math.max(20, width - label.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && visible(line).length + visible(word).length + 1 > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((part, index) => (index === 0 ? label : ' '.repeat(label.length)) + part);
}

function cut(line: string, width: number): string {
  if (visible(line).length <= width) return line;
  return `${visible(line).slice(0, width - 1)}…`;
}

function visible(line: string): string {
  return stripVTControlCharacters(line);
}
