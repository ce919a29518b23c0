import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { PrometheusConfig } from '../../sources/prometheus/schema.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import { durationText } from '../../spec/unit-text.ts';
import { type GeneratedFile, generatedMark } from '../generator.ts';

/** Where Grafana finds the dashboards unless its environment says otherwise. */
const dashboardsFolder = '/var/lib/grafana/dashboards';

/** A source of data as Grafana's provisioning has it. */
export type Datasource = { readonly uid: string; readonly config: PrometheusConfig | null };

/** Where nobody has said where Prometheus is. */
const anywhere = 'http://localhost:9090';

/** The source of data that a document's Prometheus becomes: the same for all documents that name the same. */
export function datasourceOf(config: PrometheusConfig | null): Datasource {
  const key = config ? JSON.stringify([config.url, config.headers]) : anywhere;
  return { uid: `rampart-${shortHash(key)}`, config };
}

/** A few letters that tell texts apart, the same each time. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Both files of Grafana's provisioning. */
export function provisioning(datasources: readonly Datasource[]): readonly GeneratedFile[] {
  const header = `# ${generatedMark} grafana: it is written anew, so change the document and not this file.\n`;
  const file = (name: string, says: string, content: unknown): GeneratedFile => ({
    name: `provisioning/${name}`,
    text: `${header}${says}${stringify(content, { lineWidth: 0 })}`,
  });
  return [
    file('dashboards/rampart.yaml', `# Mount the folder dashboards at ${dashboardsFolder}, or name another one here.\n`, {
      apiVersion: 1,
      providers: [
        {
          name: 'rampart',
          orgId: 1,
          type: 'file',
          disableDeletion: false,
          allowUiUpdates: false,
          updateIntervalSeconds: 30,
          options: { path: dashboardsFolder, foldersFromFilesStructure: true },
        },
      ],
    }),
    file('datasources/rampart.yaml', '', {
      apiVersion: 1,
      datasources: datasources.map(({ uid, config }, index) => ({
        name: index === 0 ? 'Prometheus (rampart)' : `Prometheus (rampart ${index + 1})`,
        uid,
        type: 'prometheus',
        access: 'proxy',
        orgId: 1,
        url: literal(config?.url ?? anywhere),
        isDefault: false,
        editable: false,
        jsonData: {
          httpMethod: 'POST',
          timeInterval: config ? durationText(config.interval) : '15s',
          ...headerNames(config),
        },
        ...headerValues(config),
      })),
    }),
  ];
}

function headerNames(config: PrometheusConfig | null): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(config?.headers ?? {}).map((name, index) => [`httpHeaderName${index + 1}`, name]));
}

/** Secrets are named as the document names them: Grafana reads its own environment, and files. */
function headerValues(config: PrometheusConfig | null): { readonly secureJsonData?: Readonly<Record<string, string>> } {
  const values = Object.values(config?.headers ?? {});
  if (values.length === 0) return {};
  return { secureJsonData: Object.fromEntries(values.map((value, index) => [`httpHeaderValue${index + 1}`, secretOf(value)])) };
}

function secretOf(value: string | NamedSecret): string {
  if (typeof value === 'string') return literal(value);
  return literal(value.prefix ?? '') + ('env' in value ? `\${${value.env}}` : `$__file{${value.file}}`);
}

/** In a provisioning file a dollar begins a variable. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
