import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { live, useTopics } from '../api/live.ts';
import { may, maySomewhere } from '../api/may.ts';
import { liveIncidentsQuery, openAlertsQuery, sessionQuery } from '../api/queries.ts';
import { firingPages } from '../components/first-to-look-at.ts';
import { Icon, Sign } from '../components/icon.tsx';
import { Keys, useKeys } from '../components/keys.tsx';
import { Outcomes } from '../components/said.tsx';
import { useText } from '../text.tsx';
import { LiveMark, LostBar } from './connection.tsx';
import { useSession } from './session.tsx';
import { UserMenu } from './user-menu.tsx';

/** Whoever is on call sees an incident on whichever page they are. */
const shellTopics = ['incidents'] as const;

/** What is around every page of somebody who is signed in. */
export function Shell() {
  const { t } = useText();
  const navigate = useNavigate();
  const mayAdminister = maySomewhere(useSession(), 'administer');
  const mayRelease = maySomewhere(useSession(), 'release');
  // Flags belong to no service.
  const maySeeFlags = may(useSession(), 'read', null);
  const pages = firingPages(useQuery(openAlertsQuery).data?.alerts ?? []).length;
  useTopics(shellTopics);
  const known = useQuery(liveIncidentsQuery).data;
  const incidents = known?.count ?? known?.incidents.length ?? 0;
  const firing = pages === 0 ? null : { n: pages, said: t('nav.firing', { n: pages }) };
  const notOver = incidents === 0 ? null : { n: incidents, said: t('nav.not-over', { n: incidents }) };
  useKeys([
    { keys: 'g o', label: t('keys.overview'), run: () => void navigate({ to: '/' }) },
    ...(mayRelease ? [{ keys: 'g n', label: t('keys.new-release'), run: () => void navigate({ to: '/new-release' }) }] : []),
    ...(maySeeFlags ? [{ keys: 'g f', label: t('keys.flags'), run: () => void navigate({ to: '/flags' }) }] : []),
    { keys: 'g s', label: t('keys.objectives'), run: () => void navigate({ to: '/objectives' }) },
    { keys: 'g l', label: t('keys.alerts'), run: () => void navigate({ to: '/alerts' }) },
    { keys: 'g i', label: t('keys.incidents'), run: () => void navigate({ to: '/incidents' }) },
    { keys: 'g a', label: t('keys.audit'), run: () => void navigate({ to: '/audit' }) },
  ]);
  const links = [
    { to: '/', label: t('nav.overview') },
    ...(mayRelease ? [{ to: '/new-release', label: t('nav.new-release') }] : []),
    { to: '/objectives', label: t('nav.objectives') },
    { to: '/alerts', label: t('nav.alerts'), count: firing },
    { to: '/incidents', label: t('nav.incidents'), count: notOver },
    { to: '/groups', label: t('nav.groups') },
    ...(maySeeFlags ? [{ to: '/flags', label: t('nav.flags') }] : []),
    { to: '/audit', label: t('nav.audit') },
    ...(mayAdminister
      ? [
          { to: '/access', label: t('nav.access') },
          { to: '/settings', label: t('nav.settings') },
        ]
      : []),
  ];
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="bar">
        <div className="bar-inner">
          <Link to="/" className="brand">
            <Sign />
            {'Rampart'}
          </Link>
          <div className="nav-wide">
            <Navigation links={links} />
          </div>
          <div className="bar-end">
            <LiveMark />
            <NarrowMenu links={links} count={notOver ?? firing} />
            <UserMenu />
          </div>
        </div>
        <LostBar />
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <FocusOnPage />
      <LeaveAtTheEnd />
      <Outcomes />
      <Keys />
    </>
  );
}

/** Something that somebody has to look at now: how many, and what is said of them. */
type Count = { readonly n: number; readonly said: string } | null;
type Links = readonly { readonly to: string; readonly label: string; readonly count?: Count }[];

function Navigation({ links }: { links: Links }) {
  const { t } = useText();
  return (
    <nav className="nav" aria-label={t('nav')}>
      <ul>
        {links.map(({ to, label, count = null }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: true, includeSearch: false }}>
              {label}
              <CountMark count={count} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A number beside a name, for eyes and ears; nothing where there is none. */
function CountMark({ count }: { count: Count }) {
  const { f } = useText();
  if (count === null) return null;
  return (
    <>
      <span className="nav-count" aria-hidden="true">
        {f.number(count.n)}
      </span>
      <span className="seen-by-readers"> ({count.said})</span>
    </>
  );
}

function NarrowMenu({ links, count }: { links: Links; count: Count }) {
  const { t } = useText();
  const ref = useMenu();
  return (
    <details className="menu nav-menu" ref={ref}>
      <summary>
        <Icon name="menu" />
        <span className="seen-by-readers">{t('nav')}</span>
        <CountMark count={count} />
      </summary>
      <div className="menu-body">
        <Navigation links={links} />
      </div>
    </details>
  );
}

/** Closes an open menu when one goes elsewhere, clicks beside it or presses Escape. */
export function useMenu() {
  const ref = useRef<HTMLDetailsElement>(null);
  const path = useRouterState({ select: ({ location }) => location.href });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is the reason to close.
  useEffect(() => {
    if (ref.current) ref.current.open = false;
  }, [path]);
  useEffect(() => {
    const close = (event: Event): void => {
      const menu = ref.current;
      if (!menu?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        menu.open = false;
        menu.querySelector('summary')?.focus();
      } else if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return ref;
}

/** A session that the stream or another tab has found to be over leads to the sign-in, and from there back to the same page. */
function LeaveAtTheEnd() {
  const router = useRouter();
  const isOver = useQuery(sessionQuery).data === null;
  // Only that it is over is a reason to go: while one is on the way, the address is that of the sign-in already.
  useEffect(() => {
    const { pathname, href } = router.state.location;
    if (!isOver || pathname === '/sign-in') return;
    live.stop();
    void router.navigate({ to: '/sign-in', search: { back: href } });
  }, [isOver, router]);
  return null;
}

/** Another page begins at its beginning, also for who reads with the ears. */
function FocusOnPage() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [path]);
  return null;
}
