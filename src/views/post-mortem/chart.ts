import { momentUtc } from '../../analysis/figures.ts';
import { type Html, html, joined } from '../report-text/html-text.ts';
import type { Block } from './blocks.ts';

const width = 720;
const height = 120;

/** The share of bad events as bars over time, the incident behind it. What it shows is in the tables too. */
export function chart({ label, fromMs, toMs, series }: Extract<Block, { kind: 'chart' }>): Html {
  const [first, last] = [series[0], series.at(-1)];
  if (!first || !last) return html``;
  const beginMs = first.fromMs;
  const spanMs = Math.max(1, last.toMs - beginMs);
  const x = (ms: number): number => Math.max(0, Math.min(width, ((ms - beginMs) / spanMs) * width));
  const most = Math.max(...series.map(({ bad, total }) => (total === 0 ? 0 : bad / total)), 1e-9);
  const text = (value: number): string => String(Number(value.toFixed(2)));
  const bars = series.map(({ fromMs: begin, toMs: end, bad, total }) => {
    const share = total === 0 ? 0 : bad / total / most;
    const size = share * height;
    return html`<rect class="bar" x="${text(x(begin))}" y="${text(height - size)}" width="${text(Math.max(0.5, x(end) - x(begin) - 0.5))}" height="${text(size)}"/>`;
  });
  return html`<figure><figcaption>${label}</figcaption>
<svg viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${label}" preserveAspectRatio="none">
<rect class="span" x="${text(x(fromMs))}" y="0" width="${text(Math.max(1, x(toMs) - x(fromMs)))}" height="${String(height)}"/>
${joined(bars)}
</svg>
<p class="axis"><span>${momentUtc(beginMs)}</span><span>${momentUtc(last.toMs)} UTC</span></p></figure>`;
}

/** How a chart looks. */
export const chartStyle = `
figure { margin: 1rem 0 0; }
figcaption { color: var(--quiet); font-size: .875rem; }
svg { display: block; width: 100%; height: 7.5rem; border-bottom: 1px solid var(--line); }
.bar { fill: var(--bad); }
.span { fill: var(--bad-back); }
.axis { display: flex; justify-content: space-between; color: var(--quiet); font-size: .8125rem; font-variant-numeric: tabular-nums; }
`;
