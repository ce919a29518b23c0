import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, isFinal, Problem, pathOf, setCsrf } from './client.ts';
import { serverNow } from './clock.ts';
import { pollMs } from './live.ts';
import { type IncidentHappening, withNewAnswer, withNewer } from './merge.ts';
import type * as schema from './schema.ts';
import type * as types from './types.ts';

/** Every question that the console asks, with the name of its answer in the cache. Live levels are put under the same names. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<schema.Session | null> => {
    try {
      const session = await ask<schema.Session>(pathOf(['session']), { signal });
      setCsrf(session.csrf);
      return session;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const optionsQuery = queryOptions({
  queryKey: ['sign-in-options'],
  queryFn: ({ signal }) => ask<schema.SignInOptions>('/auth/options', { signal }),
});

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => ask<types.Overview>(pathOf(['overview']), { signal }),
  refetchInterval: pollMs,
});

export const serviceQuery = (name: string) =>
  queryOptions({
    queryKey: ['service', name],
    queryFn: ({ signal }) => ask<types.Service>(pathOf(['services', name]), { signal }),
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : pollMs()),
  });

/** Which services there are: names to choose from, and to link. Asked seldom, and not at all where the overview is there already. */
export const knownServicesQuery = queryOptions({ ...overviewQuery, refetchInterval: false, staleTime: 60_000 });

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => ask<{ readonly services: readonly types.Service[] }>(pathOf(['services']), { signal }),
});

export const releaseQuery = (id: string) =>
  queryOptions({
    queryKey: ['release', id],
    queryFn: ({ signal }) => ask<types.Release>(pathOf(['releases', id]), { signal }),
    refetchInterval: ({ state }) => (state.data?.summary || isFinal(state.error) ? false : pollMs()),
  });

/** Pages of a timeline that are read at most: 5,000 records. */
const timelinePagesMax = 5;
const timelinePage = 1_000;

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['timeline', id],
    queryFn: async ({ signal, client }): Promise<readonly schema.TimelineEvent[]> => {
      const all: schema.TimelineEvent[] = [];
      for (let page = 0; page < timelinePagesMax; page += 1) {
        const path = pathOf(['releases', id, 'events'], { after: all.at(-1)?.seq ?? 0, limit: timelinePage });
        const { events } = await ask<schema.Timeline>(path, { signal });
        all.push(...events);
        if (events.length < timelinePage) break;
      }
      return withNewer(all, client.getQueryData(['timeline', id]));
    },
    refetchInterval: pollMs,
  });

/** Asked again so far back: a point whose span was not over, and a mark that came after its second. */
const againS = 10;

/** A day of points is more than a megabyte, so that only what is new is asked for after the first time. */
export const seriesQuery = (id: string, every: schema.Series['every']) =>
  queryOptions({
    queryKey: ['series', id, every],
    queryFn: async ({ signal, client }): Promise<schema.Series> => {
      const keptBefore = client.getQueryData<schema.Series>(['series', id, every])?.points.at(-1);
      const after = keptBefore ? Math.max(0, keptBefore.from - againS) : 0;
      const answer = await ask<schema.Series>(pathOf(['releases', id, 'series'], { every, after }), { signal });
      // Looked up again: the stream may have brought more while the answer was on its way.
      const kept = client.getQueryData<schema.Series>(['series', id, every]);
      return kept ? withNewAnswer(kept, answer) : answer;
    },
    placeholderData: keepPreviousData,
    // The stream brings single seconds only.
    refetchInterval: ({ state }) => (state.data?.recorded ? false : every === 1 ? pollMs() : every * 500),
  });

const lastMinutesS = 180;

/**
 * The last minutes, each with its exact quantiles: they cannot be reckoned from those of its seconds.
 *
 * @param endedAtMs - When the release has ended (unix milliseconds); null while it lives.
 */
export const lastMinuteQuery = (id: string, endedAtMs: number | null) =>
  queryOptions({
    queryKey: ['last-minute', id, endedAtMs],
    queryFn: ({ signal }) => {
      const after = Math.max(0, Math.floor((endedAtMs ?? serverNow()) / 1_000) - lastMinutesS);
      return ask<schema.Series>(pathOf(['releases', id, 'series'], { every: 60, after }), { signal });
    },
    placeholderData: keepPreviousData,
    refetchInterval: endedAtMs === null ? 5_000 : false,
  });

export const configurationQuery = (name: string) =>
  queryOptions({
    queryKey: ['configuration', name],
    queryFn: ({ signal }) => ask<types.Configuration>(pathOf(['services', name, 'configuration']), { signal }),
    retry: false,
  });

export const doraQuery = (name: string, days: number) =>
  queryOptions({
    queryKey: ['dora', name, days],
    queryFn: ({ signal }) => ask<types.Dora>(pathOf(['services', name, 'dora'], { days }), { signal }),
    retry: false,
  });

export const signalsQuery = (name: string, every: 10 | 60) =>
  queryOptions({
    queryKey: ['signals', name, every],
    queryFn: ({ signal }) => ask<types.SignalSeries>(pathOf(['services', name, 'signals'], { every }), { signal }),
    refetchInterval: every * 500,
    retry: false,
  });

/** While checks run, their progress is asked for so often. */
const checksRunMs = 1_500;
/** Otherwise what others say of the same service is seen as late as this. */
const checksRestMs = 15_000;

/** Which report: of a checklist (absent: the one of the service), of a version (absent: the candidate, else the stable one), as it was at the end of a run, against another run. */
export type ReportAsk = Readonly<Partial<Record<'checklist' | 'version' | 'run' | 'against', string>>>;

export const readinessQuery = (name: string, { checklist, version, run, against }: ReportAsk) =>
  queryOptions({
    queryKey: ['readiness', name, 'report', checklist, version, run, against],
    queryFn: ({ signal }) =>
      ask<types.Readiness>(pathOf(['services', name, 'readiness'], { checklist, version, run, against }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      isFinal(state.error) ? false : (state.data?.running.length ?? 0) > 0 ? checksRunMs : checksRestMs,
    retry: false,
  });

export const readinessRunsQuery = (name: string) =>
  queryOptions({
    queryKey: ['readiness', name, 'runs'],
    queryFn: ({ signal }) =>
      ask<{ readonly runs: readonly schema.ReadinessRun[] }>(pathOf(['services', name, 'readiness', 'runs']), { signal }),
    refetchInterval: ({ state }) =>
      isFinal(state.error) ? false : state.data?.runs.some(({ progress }) => progress !== null) ? checksRunMs : checksRestMs,
    retry: false,
  });

/** Planned releases of a service, asked for as seldom as what people do with them. */
export const timelinesQuery = (service: string) =>
  queryOptions({
    queryKey: ['timelines', service],
    queryFn: ({ signal }) => ask<schema.PlannedReleases>(pathOf(['timelines'], { service }), { signal }),
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : 5_000),
    retry: false,
  });

export const checklistsQuery = queryOptions({
  queryKey: ['checklists'],
  queryFn: ({ signal }) =>
    ask<{ readonly checklists: readonly { readonly name: string; readonly title: string }[] }>(pathOf(['checklists']), {
      signal,
    }),
  staleTime: 60_000,
  retry: false,
});

export const instanceLogQuery = (service: string, id: string) =>
  queryOptions({
    queryKey: ['instance-log', service, id],
    queryFn: ({ signal }) =>
      ask<types.InstanceLog>(pathOf(['services', service, 'instances', id, 'log'], { lines: 200 }), { signal }),
    refetchInterval: 3_000,
    retry: false,
  });

export type ReleaseFilter = Readonly<Partial<Record<'service' | 'state' | 'outcome' | 'by' | 'version', string>>>;

export const releasesQuery = (filter: ReleaseFilter, cursor: string | null, limit = 50) =>
  queryOptions({
    queryKey: ['releases', filter, cursor, limit],
    queryFn: ({ signal }) => ask<types.ReleaseRows>(pathOf(['releases'], { ...filter, cursor, limit }), { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => ask<schema.Users>(pathOf(['users']), { signal }),
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => ask<schema.Tokens>(pathOf(['tokens']), { signal }),
});

export const flagsQuery = queryOptions({
  queryKey: ['flags'],
  queryFn: ({ signal }) => ask<schema.Flags>(pathOf(['flags']), { signal }),
  refetchInterval: ({ state }) => (isFinal(state.error) ? false : 3_000),
});

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => ask<{ readonly groups: readonly schema.Group[] }>(pathOf(['groups']), { signal }),
  refetchInterval: ({ state }) => (isFinal(state.error) ? false : 2_000),
});

/** Objectives are reckoned every ten seconds, and so are their alerts. */
const reckonedEveryMs = 10_000;

/** @param service - Only those of this service; null: all. */
export const objectivesQuery = (service: string | null) =>
  queryOptions({
    queryKey: ['objectives', service],
    queryFn: ({ signal }) => ask<schema.Objectives>(pathOf(['objectives'], { service }), { signal }),
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : reckonedEveryMs),
  });

/** @param owner - Its service; `slo`: it has none. */
export const objectiveQuery = (owner: string, name: string) =>
  queryOptions({
    queryKey: ['objective', owner, name],
    queryFn: ({ signal }) => ask<schema.Objective>(pathOf(['objectives', owner, name]), { signal }),
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : reckonedEveryMs),
  });

export const burnDownQuery = (owner: string, name: string) =>
  queryOptions({
    queryKey: ['burn-down', owner, name],
    queryFn: ({ signal }) => ask<schema.BurnDown>(pathOf(['objectives', owner, name, 'budget']), { signal }),
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : 3 * reckonedEveryMs),
  });

/** Most alerts that the API answers with at once. */
export const alertsMax = 1_000;

/** All that have not ended: what the whole console shows of alerts. */
export const openAlertsQuery = queryOptions({
  queryKey: ['alerts', 'open'],
  queryFn: ({ signal }) => ask<schema.Alerts>(pathOf(['alerts'], { state: 'open', limit: alertsMax }), { signal }),
  refetchInterval: ({ state }) => (isFinal(state.error) ? false : reckonedEveryMs),
});

/** The open ones, and the last that have ended. */
export const alertsQuery = (service: string | null, limit: number) =>
  queryOptions({
    queryKey: ['alerts', 'all', service, limit],
    queryFn: ({ signal }) => ask<schema.Alerts>(pathOf(['alerts'], { state: 'all', service, limit }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (isFinal(state.error) ? false : reckonedEveryMs),
  });

/** What of incidents is shown: everything in it has to hold. */
export type IncidentFilter = Readonly<Partial<Record<'service' | 'severity', string>>>;
/** Most incidents that the API answers with at once. */
const incidentsMax = 200;
/** Where the stream only says that something has changed, and where that may change with time alone, it is asked for this often all the same. */
const seldomMs = 60_000;

/** Asks where the stream does not tell, unless that would be refused again. */
const pollOf = ({ state }: { readonly state: { readonly error: Error | null } }): number | false =>
  isFinal(state.error) ? false : pollMs();
/** The same of what the stream only says to have changed. */
const seldomOf = ({ state }: { readonly state: { readonly error: Error | null } }): number | false =>
  isFinal(state.error) ? false : pollMs() || seldomMs;

/** The newest of those that are not over: what the whole console shows of incidents. */
export const liveIncidentsQuery = queryOptions({
  queryKey: ['incidents', 'live'],
  queryFn: ({ signal }) => ask<types.LiveIncidents>(pathOf(['incidents'], { state: 'live', limit: incidentsMax }), { signal }),
  refetchInterval: pollOf,
});

/** Those that are over, page by page. */
export const pastIncidentsQuery = (filter: IncidentFilter) =>
  infiniteQueryOptions({
    queryKey: ['incidents', 'over', filter],
    queryFn: ({ pageParam, signal }) =>
      ask<schema.Incidents>(pathOf(['incidents'], { ...filter, state: 'over', cursor: pageParam, limit: 50 }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: pollOf,
  });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => ask<schema.Incident>(pathOf(['incidents', id]), { signal }),
    refetchInterval: pollOf,
  });

export type { IncidentHappening };

/** While a model writes, its answer is waited for. */
const narratingEveryMs = 2_000;

/** What a model has made of an incident; asked for often only while one is being written. */
export const narrationQuery = (id: string, language: string) =>
  queryOptions({
    queryKey: ['incident', id, 'narration', language],
    queryFn: ({ signal }) => ask<schema.NarrationStory>(pathOf(['incidents', id, 'narration'], { lang: language }), { signal }),
    refetchInterval: (query) =>
      query.state.data?.pending == null || isFinal(query.state.error) ? seldomOf(query) : narratingEveryMs,
  });

/** What happened in an incident; after the first time only what is new is asked for. */
export const incidentEventsQuery = (id: string, language: string) =>
  queryOptions({
    queryKey: ['incident', id, 'events', language],
    queryFn: async ({ signal, client }): Promise<readonly IncidentHappening[]> => {
      const all = [...(client.getQueryData<readonly IncidentHappening[]>(['incident', id, 'events', language]) ?? [])];
      for (let page = 0; page < timelinePagesMax; page += 1) {
        const path = pathOf(['incidents', id, 'events'], { after: all.at(-1)?.seq ?? 0, limit: timelinePage });
        const { events } = await ask<schema.IncidentEvents>(path, { signal });
        all.push(...events);
        if (events.length < timelinePage) break;
      }
      // The stream may have brought more while the answer was on its way.
      return withNewer(all, client.getQueryData(['incident', id, 'events', language]));
    },
    refetchInterval: pollOf,
  });

export const runbooksQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'runbooks'],
    queryFn: ({ signal }) =>
      ask<{ readonly runbooks: readonly schema.IncidentRunbook[] }>(pathOf(['incidents', id, 'runbooks']), { signal }),
    refetchInterval: pollOf,
    retry: false,
  });

/** What the outbox still knows of messages about an incident. */
export const incidentMessagesQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'messages'],
    queryFn: ({ signal }) => ask<schema.IncidentMessages>(pathOf(['incidents', id, 'messages']), { signal }),
    refetchInterval: pollOf,
    retry: false,
  });

export const postMortemQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'post-mortem'],
    queryFn: ({ signal }) => ask<schema.PostMortem>(pathOf(['incidents', id, 'post-mortem']), { signal }),
    refetchInterval: pollOf,
    retry: false,
  });

/** What was decided to be done after incidents. */
export const openItemsQuery = queryOptions({
  queryKey: ['incidents', 'action-items'],
  queryFn: ({ signal }) => ask<schema.OpenActionItems>(pathOf(['action-items']), { signal }),
  refetchInterval: seldomOf,
  retry: false,
});

export const lessonsQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'lessons'],
    queryFn: ({ signal }) => ask<schema.Lessons>(pathOf(['incidents', id, 'lessons']), { signal }),
    refetchInterval: pollOf,
    retry: false,
  });

/** Receivers, what waits for them and why, and what became of the last messages. */
export const notificationsQuery = queryOptions({
  queryKey: ['notifications'],
  queryFn: ({ signal }) => ask<schema.Notifications>(pathOf(['notifications'], { limit: 500 }), { signal }),
  refetchInterval: seldomOf,
  retry: false,
});

/** @param state - `live`: those that are not over. */
export const silencesQuery = (state: 'live' | 'all') =>
  queryOptions({
    queryKey: ['silences', state],
    queryFn: ({ signal }) => ask<schema.Silences>(pathOf(['silences'], { state }), { signal }),
    placeholderData: keepPreviousData,
    // How many alerts they keep still changes with the alerts.
    refetchInterval: ({ state: { error } }) => (isFinal(error) ? false : reckonedEveryMs),
  });

/**
 * Which open alerts a silence would keep still now.
 *
 * @param alert - Id of one: without matchers those of exactly that one are meant.
 */
export const silencePreviewQuery = (matchers: readonly string[], alert: string | null) =>
  queryOptions({
    queryKey: ['silences', 'preview', matchers, alert],
    queryFn: ({ signal }) => {
      const query = [...matchers.map((matcher) => ['matcher', matcher]), ...(alert === null ? [] : [['untilResolved', alert]])];
      return ask<schema.SilencePreview>(`${pathOf(['silences', 'preview'])}?${new URLSearchParams(query)}`, { signal });
    },
    enabled: matchers.length > 0 || alert !== null,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.error ? false : reckonedEveryMs),
    retry: false,
  });

/**
 * Who was told of an alert, who was not, and why.
 *
 * @param atMs - As it stood then (unix milliseconds); null: now.
 */
export const explanationQuery = (alert: string, atMs: number | null) =>
  queryOptions({
    queryKey: ['explanation', alert, atMs],
    queryFn: ({ signal }) => ask<schema.AlertExplanation>(pathOf(['alerts', alert, 'explain'], { at: atMs }), { signal }),
    placeholderData: keepPreviousData,
    // All alerts of a while are played for it.
    staleTime: reckonedEveryMs,
    refetchOnWindowFocus: false,
    retry: false,
  });

/** Days of shifts that are shown at once. */
export const onCallDays = 14;

/** @param atMs - The first moment that is shown (unix milliseconds); null: now. */
export const onCallQuery = (atMs: number | null) =>
  queryOptions({
    queryKey: ['on-call', 'schedules', atMs],
    queryFn: ({ signal }) => ask<schema.OnCallSchedules>(pathOf(['on-call'], { at: atMs, days: onCallDays }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: seldomOf,
  });

export const onCallFindingsQuery = queryOptions({
  queryKey: ['on-call', 'findings'],
  queryFn: ({ signal }) => ask<schema.OnCallFindings>(pathOf(['on-call', 'findings']), { signal }),
  refetchInterval: seldomOf,
});

export const incidentSetupQuery = queryOptions({
  queryKey: ['incident-setup'],
  queryFn: ({ signal }) => ask<schema.IncidentSetup>(pathOf(['incidents', 'setup']), { signal }),
  retry: false,
});

export const statusBoardQuery = queryOptions({
  queryKey: ['status-page'],
  queryFn: ({ signal }) => ask<schema.StatusBoard>(pathOf(['status-page']), { signal }),
  // How components are is measured all the time; what was written comes by the stream.
  refetchInterval: ({ state }) => (isFinal(state.error) ? false : reckonedEveryMs),
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => ask<schema.Settings>(pathOf(['settings']), { signal }),
  retry: false,
});

export const demoQuery = queryOptions({
  queryKey: ['demo'],
  queryFn: ({ signal }) => ask<schema.Demo>(pathOf(['demo']), { signal }),
  refetchInterval: 3_000,
});

export const documentSchemaQuery = queryOptions({
  queryKey: ['schema'],
  queryFn: ({ signal }) => ask<schema.ServiceDocumentSchema>(pathOf(['schema']), { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
