import type { Place } from '../kubernetes-claim.ts';

type Port = { readonly number?: number; readonly name?: string };
type Path = { readonly path?: string; readonly backend: { readonly service?: { readonly name: string; readonly port?: Port } } };

/** A rule of an Ingress, with the fields that are read here; others go through untouched. */
export type Rule = { readonly host?: string; readonly http?: { readonly paths: readonly Path[] } };

/** The rules with the backends of these Services replaced by another one. */
export function pathsTo(rules: readonly Rule[], names: ReadonlySet<string>, place: Place): readonly Rule[] {
  return rules.map((rule) =>
    rule.http
      ? { ...rule, http: { ...rule.http, paths: rule.http.paths.map((path) => (isOn(path, names) ? to(path, place) : path)) } }
      : rule,
  );
}

/** The rules with nothing but the paths to these Services, which now go to another one: what a canary beside them serves. */
export function canaryRules(rules: readonly Rule[], names: ReadonlySet<string>, place: Place): readonly Rule[] {
  return rules.flatMap((rule) => {
    const paths = rule.http?.paths.filter((path) => isOn(path, names)) ?? [];
    return paths.length === 0 ? [] : [{ ...rule, http: { ...rule.http, paths: paths.map((path) => to(path, place)) } }];
  });
}

/**
 * The Service with its port as the paths name it.
 *
 * @throws RangeError, in words, where no path does or they differ in the port: a version has one.
 */
export function ownPlace(rules: readonly Rule[], name: string): Place {
  const ports = rules
    .flatMap(({ http }) => http?.paths ?? [])
    .filter((path) => path.backend.service?.name === name)
    .map(({ backend }) => backend.service?.port ?? {});
  const [port] = ports;
  if (!port) throw new RangeError('no rule sends requests there');
  if (ports.some((other) => other.number !== port.number || other.name !== port.name))
    throw new RangeError('its paths name several ports, and a version has one');
  return { name, port: port.number, portName: port.name };
}

function isOn({ backend }: Path, names: ReadonlySet<string>): boolean {
  return backend.service !== undefined && names.has(backend.service.name);
}

function to(path: Path, { name, port, portName }: Place): Path {
  return {
    ...path,
    backend: { ...path.backend, service: { name, port: portName === undefined ? { number: port ?? 80 } : { name: portName } } },
  };
}
