import { z } from 'zod';
import { type Finding, listed, sentence } from '../sentences.ts';

/** A dashboard as far as it matters here. */
export type Dashboard = {
  readonly uid: string | null;
  readonly title: string;
  /** Panels that show data: rows and texts are none. */
  readonly panels: number;
  /** Panels of data that name no data source, by title. */
  readonly sourceless: readonly string[];
  /** What has to be filled in by hand at an import: files of such a kind cannot be provisioned. */
  readonly inputs: readonly string[];
};

const datasource = z.union([z.string(), z.object({ uid: z.string().nullish(), type: z.string().nullish() }), z.null()]);
type Panel = {
  readonly type?: string | undefined;
  readonly title?: string | undefined;
  readonly datasource?: z.output<typeof datasource> | undefined;
  readonly targets?: readonly { readonly datasource?: z.output<typeof datasource> | undefined }[] | null | undefined;
  readonly panels?: readonly Panel[] | null | undefined;
  readonly libraryPanel?: unknown;
};
const panel: z.ZodType<Panel> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    title: z.string().optional(),
    datasource: datasource.optional(),
    targets: z.array(z.object({ datasource: datasource.optional() })).nullish(),
    panels: z.array(panel).nullish(),
    libraryPanel: z.unknown().optional(),
  }),
);
const model = z.object({
  uid: z.string().nullish(),
  title: z.string(),
  panels: z.array(panel).nullish(),
  __inputs: z.array(z.object({ name: z.string() })).nullish(),
});

/** Kinds of panels that show no data of a source. */
const withoutData = new Set(['row', 'text', 'news', 'dashlist', 'welcome', 'gettingstarted', 'alertlist', 'annolist']);

/** Reads a dashboard's JSON model (as Grafana exports it); what is wrong with it otherwise. */
export function readDashboard(json: unknown): Dashboard | { readonly problem: string } {
  const parsed = model.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') || 'JSON'}: ${issue?.message}` };
  }
  const { uid, title, panels, __inputs: inputs } = parsed.data;
  const all = (panels ?? []).flatMap((one) => [one, ...(one.panels ?? [])]).filter(({ type }) => !withoutData.has(type ?? ''));
  const sourceless = all.filter((one) => !hasSource(one)).map((one) => one.title ?? '');
  return { uid: uid ?? null, title, panels: all.length, sourceless, inputs: (inputs ?? []).map(({ name }) => name) };
}

/** A library panel has its source where it is kept. */
function hasSource(one: Panel): boolean {
  const isNamed = (source: Panel['datasource']): boolean =>
    typeof source === 'string' ? source !== '' : Boolean(source?.uid ?? source?.type);
  return (
    isNamed(one.datasource) || (one.targets ?? []).some((target) => isNamed(target.datasource)) || one.libraryPanel !== undefined
  );
}

/** What is asked of dashboards. */
export type Wanted = { readonly dashboards: readonly string[]; readonly min: number };

/** Whether those that are wanted are there, by uid or title, and show something. */
export function dashboardFindings({ dashboards: wanted, min }: Wanted, all: readonly Dashboard[]): readonly Finding[] {
  const chosen = wanted.length === 0 ? all : all.filter((one) => wanted.some((name) => isNamed(one, name)));
  const findings: Finding[] = wanted
    .filter((name) => !all.some((one) => isNamed(one, name)))
    .map((name) => ({
      status: 'fail',
      text: sentence('there is no dashboard $', 'нет панели мониторинга $', name),
      fix: sentence('import the dashboard $', 'импортируйте панель мониторинга $', name),
    }));
  for (const { title, panels, sourceless } of chosen) {
    if (panels === 0)
      findings.push({
        status: 'fail',
        text: sentence('$ has no panel with data', 'на $ нет графиков с данными', title),
        fix: sentence('add panels to $', 'добавьте графики на $', title),
      });
    else if (sourceless.length > 0)
      findings.push({
        status: 'warn',
        text: sentence('$: panels without a data source: $', '$: графики без источника данных: $', title, listed(sourceless, 3)),
        fix: sentence('choose a data source in the panels of $', 'выберите источник данных для графиков на $', title),
      });
  }
  const shown = chosen.filter(({ panels }) => panels > 0);
  if (shown.length < min)
    findings.push({
      status: 'fail',
      text: sentence('$ dashboards with panels, and not $', 'панелей мониторинга: $, а не $', shown.length, min),
      fix: {
        en: 'import dashboards; rampart generate grafana writes some',
        ru: 'импортируйте панели; rampart generate grafana создаст их',
      },
    });
  if (findings.length > 0) return findings;
  const titles = listed(shown.map((one) => `${one.title} (${one.panels})`));
  return [{ status: 'pass', text: sentence('dashboards: $', 'панели мониторинга: $', titles) }];
}

function isNamed({ uid, title }: Dashboard, name: string): boolean {
  return uid === name || title === name;
}
