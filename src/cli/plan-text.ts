import { exceedance, quantileEdgeMs } from '../analysis/exceedance.ts';
import type { ServiceTraffic } from '../analysis/sight/step.ts';
import { durationText, percentText } from '../spec/unit-text.ts';
import type { PlanView } from '../views/plan-view.ts';

/** The plan for a terminal. */
export function planText(plan: PlanView): string {
  const lines = [
    `${plan.service}: ${plan.stable ?? 'nothing'} → ${plan.candidate} (${plan.strategy}), at least ${durationText(plan.shortestMs)}`,
  ];
  if (plan.traffic) lines.push(`traffic: ${trafficText(plan.traffic)}`, ...plan.assumed.map((text) => `         ${text}`));
  lines.push('', 'steps');
  const first = plan.steps.findIndex(({ beforeStart }) => !beforeStart);
  for (const [index, step] of plan.steps.entries()) {
    if (index === first) lines.push(`      start ${plan.candidate}, wait until it is ready`);
    lines.push(`  ${String(index + 1).padStart(2)}. ${step.text}${step.weight > 0 ? `  [${step.weight} %]` : ''}`);
    if (step.deadline) lines.push(`      ${step.deadline}`);
    for (const [line, sentence] of step.sight?.sentences.entries() ?? [])
      lines.push(`      ${line === 0 ? 'guard: ' : '       '}${sentence}`);
  }
  lines.push('', 'guard, from the first request to the end', ...plan.guard.map((text) => `      ${text}`));
  lines.push('', 'deadlines', ...plan.deadlines.map((text) => `      ${text}`));
  if (plan.warnings.length > 0) lines.push('', ...plan.warnings.map((text) => `warning: ${text}`));
  return lines.join('\n');
}

function trafficText({ requestsPerSecond, errorPpm, histogram }: ServiceTraffic): string {
  const texts = [`${Number(requestsPerSecond.toFixed(requestsPerSecond < 1 ? 3 : 1))} requests/s`];
  if (errorPpm !== null) texts.push(`${percentText(errorPpm)} of them fail`);
  const p95 = quantileEdgeMs(exceedance(histogram), 950_000);
  if (p95 !== null) texts.push(`p95 at most ${durationText(p95)}`);
  return texts.join(', ');
}
