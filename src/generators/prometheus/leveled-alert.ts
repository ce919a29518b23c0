import type { Levels } from '../../spec/signal-levels.ts';
import { labelled } from './promql-text.ts';
import type { AlertingRule } from './rule-file.ts';

/** How a value is held against its levels. */
export type Leveled = {
  readonly alert: string;
  /** One number, or one for each thing that may be too full. */
  readonly value: string;
  readonly levels: Levels;
  /** A level as PromQL has it. */
  readonly level: (level: number) => string;
  /** A level, and the value in a template, for people. */
  readonly levelText: (level: number) => string;
  readonly valueText: string;
  /** What is too high, such as `errors of checkout`. */
  readonly what: string;
  /** Labels that tell its alerts from those of others. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of the value that tell several alerts of it apart. */
  readonly each: readonly string[];
  /** How long it has to be so. */
  readonly for: { readonly warning: string; readonly critical: string };
  /** What else has to be so, as a vector with the labels of `each`. */
  readonly and?: string;
};

/** One alert for each level that there is. The one for `warning` is silent while that for `critical` fires. */
export function leveledAlerts(leveled: Leveled): readonly AlertingRule[] {
  const { alert, value, levels, labels, each, what, and } = leveled;
  const fires = (level: number): string =>
    `${value} > ${leveled.level(level)}${and === undefined ? '' : `\nand on (${each.join(', ')})\n${and}`}`;
  const rule = (severity: 'warning' | 'critical', level: number, expr: string): AlertingRule => ({
    alert,
    expr,
    for: leveled.for[severity],
    labels: { ...labels, severity },
    annotations: {
      summary: `${what}: ${leveled.valueText}`,
      description: `${what}: ${leveled.valueText}, more than ${leveled.levelText(level)} for ${leveled.for[severity]}.`,
    },
  });
  const { warning, critical } = levels;
  const found: AlertingRule[] = [];
  if (critical !== null) found.push(rule('critical', critical, fires(critical)));
  if (warning !== null) {
    const graver = labelled({ alertname: alert, alertstate: 'firing', severity: 'critical', ...plain(labels) });
    const silent = critical === null ? '' : `\nunless on (${each.join(', ')})\nmax_over_time(ALERTS{${graver}}[5m])`;
    found.push(
      rule('warning', warning, `${and === undefined && silent === '' ? fires(warning) : `(${fires(warning)})`}${silent}`),
    );
  }
  return found;
}

/** Labels that may be read as templates are not matched: what is in a series is what they make of them. */
function plain({ owner: _, ...labels }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return labels;
}
