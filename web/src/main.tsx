import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/client.ts';
import { live } from './api/live.ts';
import { sessionQuery } from './api/queries.ts';
import { load, preferred } from './messages/index.ts';
import { routerOf } from './router.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/shell.css';
import { begin, TextProvider } from './text.tsx';

const client = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWithoutSession }),
  mutationCache: new MutationCache({ onError: leaveWithoutSession }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchOnWindowFocus: true,
      // What the API refuses it refuses again; what was not reached may be there the next time.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
    },
  },
});
const router = routerOf(client);

/** A session that has ended leads to the sign-in, and from there back to the same page. */
function leaveWithoutSession(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 401 || error.code === 'E_SIGN_IN_REFUSED') return;
  const { pathname, href } = router.state.location;
  if (pathname === '/sign-in' || pathname === '/welcome') return;
  live.stop();
  client.setQueryData(['session'], null);
  void router.navigate({ to: '/sign-in', search: { back: href } });
}

// Asked for at once, so that neither waits for the other: who is there, and the page that most begin with.
void client.prefetchQuery(sessionQuery);
if (location.pathname === '/') void import('./pages/overview/index.tsx');
const language = preferred();
const dictionary = await load(language);
begin(language);
live.start(client);

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
createRoot(element).render(
  <StrictMode>
    <TextProvider first={{ language, dictionary }} onChange={() => void client.invalidateQueries()}>
      <RouterProvider router={router} />
    </TextProvider>
  </StrictMode>,
);
