import type { ServiceSpec } from '../../spec/types.ts';
import { type GeneratedFile, type Generator, type GeneratorFinding, generatedMark } from '../generator.ts';
import type { Board } from './board.ts';
import { dependencies } from './dependencies.ts';
import { deployment } from './deployment.ts';
import { goldenSignals } from './golden-signals.ts';
import { incident } from './incident.ts';
import { objectiveEvents } from './objective-events.ts';
import { type Datasource, datasourceOf, provisioning, shortHash } from './provisioning.ts';
import { prometheusOf, requestsOf } from './requests.ts';
import { sloBoard } from './slo.ts';

/** Dashboards for Grafana, and the files by which it finds them. */
export const grafana: Generator = {
  description: 'dashboards for Grafana, with the files of its provisioning',
  async generate(services) {
    // Loaded here: whoever generates nothing for Grafana must not wait for its library.
    const { render } = await import('./render.ts');
    const sources = new Map<string, Datasource>();
    const given = services.map((spec) => ({ spec, source: datasourceOf(prometheusOf(spec)) }));
    for (const { source } of given) if (source.config) sources.set(source.uid, source);
    // A document that names none is looked at in that of the others.
    const [first] = sources.values();
    const files = given.flatMap(({ spec, source }): readonly GeneratedFile[] => {
      const used = source.config ? source : (first ?? source);
      sources.set(used.uid, used);
      return boardsOf(spec).map((board) => {
        const description = `${board.description} ${generatedMark} grafana.`;
        const frame = {
          service: spec.name,
          uid: uidOf(spec.name, board.key),
          description,
          datasource: used.uid,
          job: jobOf(spec),
        };
        // What tells that the file is ours comes first, wherever the library puts it.
        const json = { description, ...render(board, frame) };
        return { name: `dashboards/${spec.name}/${board.key}.json`, text: `${JSON.stringify(json, null, 2)}\n` };
      });
    });
    return { files: [...files, ...provisioning([...sources.values()])], findings: services.flatMap(findingsOf) };
  },
};

/** Every dashboard of a service. */
export function boardsOf(spec: ServiceSpec): readonly Board[] {
  const requests = requestsOf(spec);
  return [
    goldenSignals(spec, requests),
    sloBoard(spec, requests),
    incident(spec, requests),
    deployment(spec, requests),
    dependencies(spec),
  ];
}

/** Longest id of a dashboard that Grafana takes. */
const uidMax = 40;

/** The same for a service and a dashboard at all times, so that links and what people have marked survive. */
export function uidOf(service: string, key: string): string {
  const plain = `${service}-${key}`;
  if (plain.length <= uidMax) return plain;
  return `${service.slice(0, uidMax - key.length - 10)}-${shortHash(service)}-${key}`;
}

/** The job under which the processes of the service are scraped, as far as the document tells. */
function jobOf(spec: ServiceSpec): string {
  const [, job] = /[{,]\s*job\s*=\s*"([^"\\]+)"/.exec(requestsOf(spec).all.expression) ?? [];
  return job ?? spec.name;
}

function findingsOf(spec: ServiceSpec): readonly GeneratorFinding[] {
  const requests = requestsOf(spec);
  const warning = (where: string, text: string): GeneratorFinding => ({ level: 'warning', where, text });
  const timeless = requests.times
    ? []
    : [
        warning(
          spec.name,
          'nothing says how long its requests take: panels of latency stay empty. Add spec.source.prometheus.latency',
        ),
      ];
  const uncounted = spec.objectives
    .filter((objective) => !objectiveEvents(spec, objective, requests))
    .map(({ name }) => warning(`${spec.name} ${name}`, 'nothing in Prometheus counts its events, so it has no panels'));
  return [...timeless, ...uncounted];
}
