import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useText } from '../text.tsx';
import { onThemeChange } from '../theme.ts';
import './chart.css';
import { loneValues } from './lone-values.ts';

export type Line = {
  readonly label: string;
  /** A custom property that holds the colour. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Drawn as steps: a threshold does not slope. */
  readonly isLevel?: boolean;
};

/** An area between two lines, by their places in the list. */
export type Band = { readonly high: number; readonly low: number; readonly colour: string };

/** A moment that the chart marks with a line over its whole height. */
export type ChartMark = {
  readonly second: number;
  readonly label: string;
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
};

export type ChartProps = {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly bands?: readonly Band[];
  readonly marks?: readonly ChartMark[];
  readonly write: (value: number) => string;
  /** Lowest and highest value that is shown; left out: as the lines need, from 0. */
  readonly range?: readonly [number, number];
  /** The scale reaches at least so far up, so that noise at the bottom does not fill it. */
  readonly leastTop?: number;
  readonly height?: number;
};

/** Lines over time. It has no text alternative of its own: whoever uses it stands it in a figure with one. */
export function Chart(props: ChartProps) {
  const { f } = useText();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);

  // What is drawn in which colour seldom changes; the values do every second.
  const shape = JSON.stringify([
    props.lines.map(({ label, colour, dash, isLevel }) => [label, colour, dash, isLevel]),
    props.bands,
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` and `theme` are the reasons to make it anew.
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const made = new uPlot(optionsOf(element, latest, f), dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      const { clientWidth } = element;
      if (clientWidth > 0 && clientWidth !== made.width) made.setSize({ width: clientWidth, height: made.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme, f]);

  useEffect(() => {
    plot.current?.setData(dataOf(props));
  }, [props]);

  return <div className="chart" ref={holder} aria-hidden="true" />;
}

/** Seconds between two times that are written: none shorter than what they show. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000,
] as const;
const dayS = 86_400;

type Latest = { readonly current: ChartProps };
type Writing = ReturnType<typeof useText>['f'];

function optionsOf(element: HTMLElement, latest: Latest, f: Writing): uPlot.Options {
  const { lines, bands = [], height = 220 } = latest.current;
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  };
  const font = '12px system-ui, sans-serif';
  return {
    width: element.clientWidth || 600,
    height,
    padding: [18, 26, 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false } },
    legend: {
      live: true,
      // A line is found again by its dashes, too: colours are not told apart by everybody.
      markers: { dash: (_plot, index) => legendDash(lines[index - 1]?.dash) },
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, low, high) => rangeOf(latest.current, low, high) },
    },
    axes: [
      {
        ...axis,
        font,
        size: 32,
        space: 80,
        incrs: [...timeSteps],
        values: (plot, seconds, _axis, _space, every) => seconds.map(writeTime(plot, every, f)),
      },
      { ...axis, font, size: 66, space: 36, values: (_plot, values) => values.map((value) => latest.current.write(value)) },
    ],
    series: [
      { label: '', value: (_plot, second) => (second === null ? '' : f.moment(second * 1_000)) },
      ...lines.map(
        ({ label, colour: name, width = 2, dash, isLevel }): uPlot.Series => ({
          label,
          stroke: colour(name),
          width,
          ...(dash ? { dash: [...dash] } : {}),
          ...(isLevel && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
          // A value between two gaps is no line, and all there is of a fault that was over in a second.
          points: { show: false, filter: (plot, at) => loneValues(plot.data[at] ?? []), size: 7, fill: colour(name) },
          value: (_plot, value) => (value === null || value === undefined ? '' : latest.current.write(value)),
        }),
      ),
    ],
    bands: bands.map(({ high, low, colour: name }) => ({ series: [high + 1, low + 1], fill: faint(colour(name)) })),
    hooks: { draw: [(plot) => drawMarks(plot, latest.current.marks ?? [])] },
  };
}

/** The time of a day while less than one is shown; then the day with it, and the day alone where that is enough. */
function writeTime({ scales }: uPlot, every: number, f: Writing): (second: number) => string {
  const spanS = (scales.x?.max ?? 0) - (scales.x?.min ?? 0);
  const write = every >= dayS ? f.day : spanS > dayS ? f.date : f.time;
  return (second) => write(second * 1_000);
}

/** As a border is drawn: dots where the dashes are shorter than their gaps. */
function legendDash([drawn = 0, gap = 0]: readonly number[] = []): 'solid' | 'dashed' | 'dotted' {
  if (gap === 0) return 'solid';
  return drawn < gap ? 'dotted' : 'dashed';
}

function dataOf({ times, lines }: ChartProps): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function rangeOf({ range, leastTop = 1 }: ChartProps, low: number | null, high: number | null): [number, number] {
  if (range) return [range[0], range[1]];
  return [Math.min((low ?? 0) * 1.08, 0), Math.max((high ?? 0) * 1.08, leastTop)];
}

/** Between two labels. */
const labelGap = 6;

/** Draws every line, and as many labels as there is room for: the thicker a line, the graver, the sooner. */
function drawMarks(plot: uPlot, marks: readonly ChartMark[]): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const taken: { readonly from: number; readonly to: number }[] = [];
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  // The axes were drawn with the same context, and leave theirs behind.
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  for (const mark of [...marks].sort((a, b) => b.width - a.width)) {
    const x = plot.valToPos(mark.second, 'x', true);
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = colour(mark.colour);
    ctx.lineWidth = mark.width * ratio;
    ctx.setLineDash(mark.dash.map((length) => length * ratio));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(mark.label);
    const from = Math.min(x, bbox.left + bbox.width - width);
    const to = from + width + labelGap * ratio;
    if (taken.some((one) => from < one.to && to > one.from)) continue;
    ctx.fillStyle = colour(mark.colour);
    ctx.fillText(mark.label, from, bbox.top - 2 * ratio);
    taken.push({ from, to });
  }
  ctx.restore();
}

/** The colour that a custom property stands for now: a canvas understands no `light-dark()`. */
function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The same as a veil, of a computed `rgb(1, 2, 3)`. */
function faint(color: string): string {
  return color.replace('rgb(', 'rgba(').replace(')', ', 0.2)');
}
