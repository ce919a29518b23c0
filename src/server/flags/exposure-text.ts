import type { Flags } from './flags.ts';

/**
 * How often each variant of each flag was given out, in the text format of Prometheus. Behind a credential, unlike the metrics of the
 * controller: names of flags tell what is being built.
 */
export function exposureText(flags: Flags): string {
  const lines = [
    '# HELP rampart_flag_exposures_total How often a variant was given out; how="bulk": with all flags at once.',
    '# TYPE rampart_flag_exposures_total counter',
  ];
  const all = [...flags.state.flags.values()];
  // Keys and variants have no character that needs an escape.
  for (const flag of all)
    for (const { variant, ...counts } of flags.exposures(flag).variants)
      for (const how of ['single', 'bulk'] as const)
        lines.push(`rampart_flag_exposures_total{flag="${flag.key}",variant="${variant}",how="${how}"} ${counts[how]}`);
  lines.push('# HELP rampart_flag_errors_total Evaluations without a value.', '# TYPE rampart_flag_errors_total counter');
  for (const flag of all) lines.push(`rampart_flag_errors_total{flag="${flag.key}"} ${flags.exposures(flag).errors}`);
  return `${lines.join('\n')}\n`;
}
