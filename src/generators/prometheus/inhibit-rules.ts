import type { GeneratedFile } from '../generator.ts';
import { burnAlert } from './burn-rules.ts';
import { yamlFile } from './rule-file.ts';

/** What an Alertmanager has to know to keep quiet about what a graver alert has said. */
export function inhibitFile(): GeneratedFile {
  const quiet = (by: string, silent: string) => ({
    source_matchers: [`alertname="${burnAlert}"`, `severity="${by}"`],
    target_matchers: [`alertname="${burnAlert}"`, `severity=~"${silent}"`],
    equal: ['service', 'objective'],
  });
  return yamlFile(
    'alertmanager.inhibit.yml',
    [
      'Put these into inhibit_rules of alertmanager.yml. The rules for Prometheus already send one alert at a time; these also hold for what is sent late.',
    ],
    {
      inhibit_rules: [
        quiet('page', 'chat|email'),
        quiet('chat', 'email'),
        {
          source_matchers: ['severity="critical"'],
          target_matchers: ['severity="warning"'],
          equal: ['alertname', 'service', 'signal', 'version', 'job', 'instance', 'mountpoint'],
        },
        {
          source_matchers: ['alertname="SLONoData"'],
          target_matchers: ['alertname="SLOInvalid"'],
          equal: ['service', 'objective'],
        },
      ],
    },
  );
}
