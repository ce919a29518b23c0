import { alertRoutingDocument } from './alert-routing.ts';
import { type RoutingWords, wordOf } from './alert-routing-schema.ts';
import type { AlertRoutingSpec } from './alert-routing-types.ts';
import { type AlertmanagerConfig, alertmanagerConfig } from './alertmanager-config.ts';
import { explain } from './explain.ts';
import { isMapping } from './mapping.ts';
import { type Problem, SpecError } from './problem.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

/** A routing, and where in its text a place of it stands (`route.routes[0]`), for what is found in it later. */
export type RoutingText = {
  readonly routing: AlertRoutingSpec;
  readonly problemAt: (place: string, message: string) => Problem;
};

/**
 * The routing of a text: its one `AlertRouting` document, whatever stands beside that, or a whole `alertmanager.yml`.
 *
 * @param file - Name for messages; nothing is read from it.
 * @throws SpecError with every problem of it.
 */
export function readRouting(text: string, file: string): RoutingText {
  const { documents, problems } = readYaml(text, file);
  const theirs = documents.find(({ value }) => isAlertmanager(value));
  if (problems.length === 0 && theirs)
    return { routing: alertmanagerIn(text, file).routing, problemAt: problemIn(theirs, 'alertmanager') };
  const found: RoutingText[] = [];
  const wrong: Problem[] = [...problems];
  for (const document of documents) {
    const { value, place } = document;
    if (!isMapping(value) || value.kind !== 'AlertRouting') continue;
    const result = explain(alertRoutingDocument, value);
    if (result.ok) found.push({ routing: result.value, problemAt: problemIn(document, 'ours') });
    else wrong.push(...result.findings.map(place));
  }
  const [routing, second] = found;
  if (wrong.length === 0 && routing && !second) return routing;
  const count = `expected one AlertRouting document or an alertmanager.yml, found ${second ? 'several' : 'none'}`;
  throw failed(wrong.length > 0 ? wrong : [{ file, line: 1, column: 1, path: '', message: count }], text);
}

/** The routing alone. */
export function routingIn(text: string, file: string): AlertRoutingSpec {
  return readRouting(text, file).routing;
}

function problemIn({ place }: YamlDocument, words: RoutingWords): RoutingText['problemAt'] {
  return (where, message) => {
    const steps = [...where.matchAll(/(\w+)|\[(\d+)\]/g)].map(([, key, index]) =>
      index === undefined ? wordOf(words, key ?? '') : Number(index),
    );
    return place({ path: words === 'ours' ? ['spec', ...steps] : steps, at: 'value', message });
  };
}

/**
 * Reads an `alertmanager.yml`.
 *
 * @throws SpecError with every problem of it.
 */
export function alertmanagerIn(text: string, file: string): AlertmanagerConfig {
  const { documents, problems } = readYaml(text, file);
  const [document, second] = documents;
  if (problems.length > 0) throw failed(problems, text);
  if (!document || second) {
    const message = `expected one alertmanager.yml, found ${second ? 'several documents' : 'nothing'}`;
    throw failed([{ file, line: 1, column: 1, path: '', message }], text);
  }
  const result = explain(alertmanagerConfig, document.value);
  if (result.ok) return result.value;
  throw failed(result.findings.map(document.place), text);
}

function isAlertmanager(value: unknown): boolean {
  return isMapping(value) && !('kind' in value) && !('apiVersion' in value) && 'route' in value;
}

function failed(problems: readonly Problem[], text: string): SpecError {
  const [first, ...others] = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (!first) throw new Error('a text that fails has a problem');
  return new SpecError([first, ...others], text);
}
