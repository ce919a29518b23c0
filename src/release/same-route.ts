import type { Backend, Route } from '../routers/router.ts';

/** Whether two routes mean the same, in whatever order a router hands their parts back. */
export function sameRoute(a: Route | null, b: Route | null): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical(route: Route | null): unknown {
  if (route === null) return null;
  const matches = route.match.map((match) => Object.entries(match).sort(([x], [y]) => (x < y ? -1 : 1)));
  return [canonicalBackend(route.stable), canonicalBackend(route.candidate), route.weight, matches];
}

function canonicalBackend(backend: Backend | null): unknown {
  return backend && [backend.version, backend.endpoints.map(({ host, port }) => `${host}:${port}`).sort()];
}
