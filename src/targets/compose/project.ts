import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { nearest } from '../../spec/nearest.ts';
import type { Workload } from '../target.ts';
import { label, type Watch } from './container.ts';
import type { ComposeDefinition } from './schema.ts';

/**
 * Name of the compose project of a version: `rampart-shop-1_0_0`. Two versions never share one: what is neither a letter in lower
 * case, a digit nor a dot is told by a hash.
 */
export function projectName(prefix: string, service: string, version: string): string {
  const plain = version.toLowerCase().replace(/[^a-z0-9]/g, '_');
  const isPlain = /^[a-z0-9.]+$/.test(version);
  return `${prefix}-${service}-${isPlain ? plain : `${plain}_${hash(version)}`}`;
}

/** Eight hexadecimal digits that stand for a text. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

const mapping = z.record(z.string(), z.unknown());
const serviceConfig = z.looseObject({
  image: z.string().optional(),
  labels: mapping.optional(),
  networks: z.union([mapping, z.array(z.string())]).nullish(),
  network_mode: z.string().optional(),
  volumes: z.array(z.unknown()).optional(),
  deploy: mapping.optional(),
});
const fileConfig = z.looseObject({
  services: z.record(z.string(), serviceConfig),
  networks: mapping.nullish(),
  volumes: mapping.nullish(),
});

/** What stands in a compose file as compose itself has read it, with what a version needs to know. */
export type Rendering = {
  /** Answer of `docker compose config`, parsed. */
  readonly config: unknown;
  /** Whole path of the file, for messages. */
  readonly file: string;
  /** `RAMPART_VERSION`, and the values of the document's variables that have the version in them. */
  readonly marks: readonly string[];
};

/**
 * The one service of a version as a compose file of its own: labels that say whose it is, its port on an ephemeral loopback port,
 * started again when it ends. Names and ports that two versions cannot both have, and the other services of the file, are left out.
 *
 * @param owner - Told apart from other controllers by this.
 * @throws UserError `E_COMPOSE_SERVICE`, `E_COMPOSE_IMAGE`, `E_COMPOSE_NETWORK`, `E_COMPOSE_SAME`, `E_COMPOSE_FILE`.
 */
export function versionConfig(
  { service, version, definition }: Workload<ComposeDefinition>,
  { config, file, marks }: Rendering,
  owner: string,
  image: string | undefined,
): string {
  const parsed = fileConfig.safeParse(config);
  if (!parsed.success)
    throw new UserError('E_COMPOSE_FILE', `what compose makes of ${file} has no services`, {
      where: file,
      fix: `See what \`docker compose -f ${file} config\` prints.`,
    });
  const found = serviceNamed(definition.service, parsed.data.services, file);
  const { build, container_name, depends_on, links, profiles, scale, ports, ...kept } = found;
  const { replicas, restart_policy, ...deploy } = kept.deploy ?? {};
  const used = { ...kept, ...(kept.deploy && { deploy }), image: image ?? kept.image };
  checkService(used, definition, { file, marks });
  const mine = { [label.owner]: owner, [label.service]: service, [label.version]: version };
  const joined = networksOf(used.networks);
  const networks = definition.network === undefined || joined.default !== undefined ? joined : { ...joined, default: null };
  const declared = parsed.data.networks ?? {};
  return JSON.stringify({
    ...parsed.data,
    // With this name a file would have a project of its own.
    name: undefined,
    services: {
      [definition.service]: {
        ...used,
        networks,
        labels: { ...used.labels, ...mine, [label.watch]: JSON.stringify(watchOf(definition)) },
        ports: [`127.0.0.1::${definition.port}/tcp`],
        restart: 'unless-stopped',
      },
    },
    networks: Object.fromEntries(
      Object.keys(networks).map((name) => [
        name,
        name === 'default' && definition.network !== undefined
          ? { external: true, name: definition.network }
          : owned(declared[name], mine),
      ]),
    ),
    volumes: Object.fromEntries(
      Object.entries(parsed.data.volumes ?? {}).filter(([name]) => (used.volumes ?? []).some((volume) => isOf(name, volume))),
    ),
  });
}

/** How the containers of a definition are asked whether they are ready. */
export function watchOf({ port, health }: ComposeDefinition): Watch {
  const { path = null, interval: intervalMs, timeout: timeoutMs, unhealthyAfter } = health;
  return { port, path, intervalMs, timeoutMs, unhealthyAfter };
}

function serviceNamed<T>(name: string, services: Readonly<Record<string, T>>, file: string): T {
  const found = Object.hasOwn(services, name) ? services[name] : undefined;
  if (found) return found;
  const names = Object.keys(services);
  const near = nearest(name, names);
  throw new UserError('E_COMPOSE_SERVICE', `${file} has no service ${name}${near ? `; did you mean ${near}?` : ''}`, {
    where: `${file}, services`,
    fix: `Name one of those that it has in target.compose.service: ${names.join(', ') || 'it has none'}. One with a profile is there when COMPOSE_PROFILES in target.compose.env names it.`,
  });
}

function checkService(
  used: z.output<typeof serviceConfig>,
  definition: ComposeDefinition,
  { file, marks }: Pick<Rendering, 'file' | 'marks'>,
): void {
  const where = `${file}, services.${definition.service}`;
  if (!used.image)
    throw new UserError('E_COMPOSE_IMAGE', `service ${definition.service} of ${file} has no image`, {
      where,
      fix: 'Build and push an image for each version before its release, and name it: image: shop:$RAMPART_VERSION there, or image: "shop:{version}" in target.compose.',
    });
  if (used.network_mode !== undefined && used.network_mode !== 'bridge')
    throw new UserError(
      'E_COMPOSE_NETWORK',
      `service ${definition.service} has network_mode ${used.network_mode}, which publishes no port`,
      {
        where: `${where}.network_mode`,
        fix: 'Leave network_mode out: two versions run side by side, each behind a port of its own.',
      },
    );
  // The same text for both versions: a release that changes nothing would look like one that went well.
  const text = JSON.stringify(used);
  if (!definition.cwd.includes('{version}') && !marks.some((mark) => text.includes(JSON.stringify(mark).slice(1, -1))))
    throw new UserError(
      'E_COMPOSE_SAME',
      `nothing in service ${definition.service} of ${file} depends on the version, so every version would be the same`,
      {
        where,
        fix: 'Write image: shop:$RAMPART_VERSION there, or image: "shop:{version}" in target.compose, or set your own variable in target.compose.env, such as TAG: "{version}".',
      },
    );
}

function networksOf(given: z.output<typeof serviceConfig>['networks']): Readonly<Record<string, unknown>> {
  if (!given) return { default: null };
  return Array.isArray(given) ? Object.fromEntries(given.map((name) => [name, null])) : given;
}

/** A network of the project gets our labels, so that it can be removed with it; one that is not the project's stays as it is. */
function owned(network: unknown, mine: Readonly<Record<string, string>>): unknown {
  const known = mapping.safeParse(network ?? {});
  if (!known.success || known.data.external) return network;
  const labels = mapping.safeParse(known.data.labels ?? {});
  return { ...known.data, labels: { ...(labels.success ? labels.data : {}), ...mine } };
}

function isOf(name: string, volume: unknown): boolean {
  if (typeof volume === 'string') return volume.startsWith(`${name}:`);
  const known = mapping.safeParse(volume);
  return known.success && known.data.source === name;
}
