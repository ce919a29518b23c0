import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { overviewQuery, sessionQuery } from './api/queries.ts';
import { ErrorPage, NotFoundPage, Pending } from './shell/errors.tsx';
import { Shell } from './shell/shell.tsx';
import { isOwnPath, takeWay } from './shell/way-back.ts';

type Context = { readonly client: QueryClient };

/** Of an address, the parts with these names that are texts. */
function textsIn<Name extends string>(search: Record<string, unknown>, names: readonly Name[]) {
  const found = names.map((name) => [name, search[name]]).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(found) as Readonly<Partial<Record<Name, string>>>;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

type Back = { readonly back?: string };
const validBack = ({ back }: Record<string, unknown>): Back => (isOwnPath(back) ? { back } : {});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: validBack,
  component: lazyRouteComponent(() => import('./pages/sign-in/index.tsx'), 'SignInPage'),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./pages/welcome/index.tsx'), 'WelcomePage'),
});

/** Everything that needs somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  pendingComponent: Pending,
  errorComponent: ErrorPage,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    const isStart = location.href === '/';
    if (session === null) throw redirect({ to: '/sign-in', search: isStart ? {} : { back: location.href } });
    const way = isStart ? takeWay() : null;
    if (way !== null) throw redirect({ href: way });
  },
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  // Does not wait: the page says itself that it waits.
  loader: ({ context }) => void context.client.prefetchQuery(overviewQuery),
  component: lazyRouteComponent(() => import('./pages/overview/index.tsx'), 'OverviewPage'),
});
const release = createRoute({
  getParentRoute: () => inside,
  path: '/releases/$id',
  component: lazyRouteComponent(() => import('./pages/release/index.tsx'), 'ReleasePage'),
});
const service = createRoute({
  getParentRoute: () => inside,
  path: '/services/$name',
  component: lazyRouteComponent(() => import('./pages/service/index.tsx'), 'ServicePage'),
});

const signals = createRoute({
  getParentRoute: () => inside,
  path: '/services/$name/signals',
  component: lazyRouteComponent(() => import('./pages/signals/index.tsx'), 'SignalsPage'),
});

/** What of the readiness is looked at, so that a finding can be sent as an address. */
export type ReadinessSearch = Readonly<Partial<Record<'phase' | 'item' | 'checklist' | 'version' | 'run' | 'against', string>>>;
const readiness = createRoute({
  getParentRoute: () => inside,
  path: '/services/$name/readiness',
  validateSearch: (search: Record<string, unknown>): ReadinessSearch =>
    textsIn(search, ['phase', 'item', 'checklist', 'version', 'run', 'against']),
  component: lazyRouteComponent(() => import('./pages/readiness/index.tsx'), 'ReadinessPage'),
});

type NewReleaseSearch = { readonly service?: string };
const newRelease = createRoute({
  getParentRoute: () => inside,
  path: '/new-release',
  validateSearch: ({ service }: Record<string, unknown>): NewReleaseSearch => (typeof service === 'string' ? { service } : {}),
  component: lazyRouteComponent(() => import('./pages/new-release/index.tsx'), 'NewReleasePage'),
});

/** Filters of the audit, so that a finding can be sent as an address. */
export type AuditSearch = Readonly<Partial<Record<'service' | 'actor' | 'kind' | 'from' | 'to', string>>>;
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => textsIn(search, ['service', 'actor', 'kind', 'from', 'to']),
  component: lazyRouteComponent(() => import('./pages/audit/index.tsx'), 'AuditPage'),
});
const flags = createRoute({
  getParentRoute: () => inside,
  path: '/flags',
  component: lazyRouteComponent(() => import('./pages/flags/index.tsx'), 'FlagsPage'),
});
const groups = createRoute({
  getParentRoute: () => inside,
  path: '/groups',
  component: lazyRouteComponent(() => import('./pages/groups/index.tsx'), 'GroupsPage'),
});

/** Filters of the objectives; `service`: `-` are those that belong to none. */
export type ObjectivesSearch = Readonly<Partial<Record<'service' | 'state', string>>>;
const objectives = createRoute({
  getParentRoute: () => inside,
  path: '/objectives',
  validateSearch: (search: Record<string, unknown>): ObjectivesSearch => textsIn(search, ['service', 'state']),
  component: lazyRouteComponent(() => import('./pages/objectives/index.tsx'), 'ObjectivesPage'),
});
const objective = createRoute({
  getParentRoute: () => inside,
  path: '/objectives/$owner/$name',
  component: lazyRouteComponent(() => import('./pages/objective/index.tsx'), 'ObjectivePage'),
});
const alerts = createRoute({
  getParentRoute: () => inside,
  path: '/alerts',
  validateSearch: (search: Record<string, unknown>): Pick<ObjectivesSearch, 'service'> => textsIn(search, ['service']),
  component: lazyRouteComponent(() => import('./pages/alerts/index.tsx'), 'AlertsPage'),
});

/** Filters of the incidents. */
export type IncidentsSearch = Readonly<Partial<Record<'service' | 'severity' | 'state', string>>>;
const incidents = createRoute({
  getParentRoute: () => inside,
  path: '/incidents',
  validateSearch: (search: Record<string, unknown>): IncidentsSearch => textsIn(search, ['service', 'severity', 'state']),
  component: lazyRouteComponent(() => import('./pages/incidents/index.tsx'), 'IncidentsPage'),
});
const incident = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('./pages/incident/index.tsx'), 'IncidentPage'),
});
const postMortem = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/$id/post-mortem',
  component: lazyRouteComponent(() => import('./pages/post-mortem/index.tsx'), 'PostMortemPage'),
});
const onCall = createRoute({
  getParentRoute: () => inside,
  path: '/on-call',
  component: lazyRouteComponent(() => import('./pages/on-call/index.tsx'), 'OnCallPage'),
});
const silences = createRoute({
  getParentRoute: () => inside,
  path: '/silences',
  component: lazyRouteComponent(() => import('./pages/silences/index.tsx'), 'SilencesPage'),
});
const messages = createRoute({
  getParentRoute: () => inside,
  path: '/messages',
  component: lazyRouteComponent(() => import('./pages/messages/index.tsx'), 'MessagesPage'),
});
const statusPage = createRoute({
  getParentRoute: () => inside,
  path: '/status-page',
  component: lazyRouteComponent(() => import('./pages/status-page/index.tsx'), 'StatusPagePage'),
});
const access = createRoute({
  getParentRoute: () => inside,
  path: '/access',
  component: lazyRouteComponent(() => import('./pages/access/index.tsx'), 'AccessPage'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/index.tsx'), 'SettingsPage'),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/index.tsx'), 'AccountPage'),
});

const tree = root.addChildren([
  signIn,
  welcome,
  inside.addChildren([
    overview,
    release,
    service,
    signals,
    readiness,
    newRelease,
    objectives,
    objective,
    alerts,
    incidents,
    incident,
    postMortem,
    onCall,
    silences,
    messages,
    statusPage,
    flags,
    groups,
    audit,
    access,
    settings,
    account,
  ]),
]);

export function routerOf(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingComponent: Pending,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
    Wrap: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof routerOf>;
  }
}
