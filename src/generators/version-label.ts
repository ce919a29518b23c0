import { type Telling, wholeValue } from '../sources/prometheus/exporters/exporter.ts';

/** With the label `version`, by what tells it. */
export function told(vector: string, tells: readonly Telling[]): string {
  return tells
    .filter(({ label, pattern }) => !(label === 'version' && pattern === wholeValue))
    .reduce((inner, { label, pattern }) => `label_replace(${inner}, "version", "$1", "${label}", "${pattern}")`, vector);
}
