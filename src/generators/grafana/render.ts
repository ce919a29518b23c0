import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
  type GridPos,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as ChartPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Board, Panel, Query, Variable } from './board.ts';

/** What all dashboards of a service have in common. */
export type Frame = {
  readonly service: string;
  readonly uid: string;
  readonly description: string;
  /** Id of the source of data that it opens with. */
  readonly datasource: string;
  /** Value of the variable `job` that it opens with. */
  readonly job: string;
};

/** Every query asks what is chosen in the dashboard. */
const source = { type: 'prometheus', uid: '$datasource' };
const columns = 24;
/** The editor shows the query as text. */
const classicQuery = 5;

/** A dashboard as Grafana's file provisioning reads it. */
export function render(board: Board, { service, uid, description, datasource, job }: Frame): Dashboard {
  const dashboard = new DashboardBuilder(`${service}: ${board.title}`)
    .uid(uid)
    .description(description)
    .tags(['rampart', service])
    .time({ from: board.from, to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder(`dashboards of ${service}`)
        .type(DashboardLinkType.Dashboards)
        .tags(['rampart', service])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Prometheus')
        .type('prometheus')
        .current({ selected: true, text: datasource, value: datasource }),
    );
  for (const variable of board.variables ?? []) dashboard.withVariable(queryVariable(variable, job));
  for (const annotation of annotations(service)) dashboard.annotation(annotation);
  let id = 0;
  const nextId = () => (id += 1);
  let y = 0;
  for (const { title, panels } of board.sections) {
    dashboard.withRow(new RowBuilder(title).id(nextId()).gridPos({ x: 0, y, w: columns, h: 1 }).collapsed(false));
    const placed = place(panels, y + 1);
    for (const [index, panel] of panels.entries()) {
      const built = panelOf(panel, nextId(), placed.positions[index] as GridPos);
      // The builder of dashboards wants builders of panels.
      dashboard.withPanel({ build: () => built });
    }
    y = placed.below;
  }
  return dashboard.build();
}

/** Panels from left to right, in rows as high as their highest. */
export function place(
  panels: readonly Pick<Panel, 'width' | 'height'>[],
  top: number,
): { readonly positions: readonly GridPos[]; readonly below: number } {
  let [x, y, high] = [0, top, 0];
  const positions = panels.map(({ width, height }) => {
    if (x + width > columns) [x, y, high] = [0, y + high, 0];
    const position = { x, y, w: width, h: height };
    x += width;
    high = Math.max(high, height);
    return position;
  });
  return { positions, below: y + high };
}

function queryVariable({ name, label, values }: Variable, job: string) {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(source)
    .query({ query: values, refId: `variable-${name}`, qryType: classicQuery })
    .definition(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*');
  return name === 'job'
    ? variable.current({ selected: true, text: [job], value: [job] })
    : variable.current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** What a release has done, as marks at the very moment: the values of the series are times. */
function annotations(service: string): readonly AnnotationQueryBuilder[] {
  const of = (name: string, kinds: string, color: string) => {
    const expr = `rampart_release_step_started_timestamp_seconds{service="${service}",kind=~"${kinds}"} * 1000`;
    return new AnnotationQueryBuilder()
      .name(name)
      .datasource(source)
      .enable(true)
      .iconColor(color)
      .expr(expr)
      .useValueForTime(true)
      .step('15s')
      .titleFormat('{{version}}: {{kind}}')
      .textFormat('{{text}}')
      .tagKeys('release,version');
  };
  return [
    of(
      'Steps of releases',
      'approve|backup|migrate|match|weight|pause|scale|barrier|hook|promote|bake|retire|preparing|held',
      'blue',
    ),
    of('Releases that went back', 'rolling-back|rollback-failed|rolled-back', 'red'),
    of('Releases that ended otherwise', 'succeeded|rejected|cancelled|superseded', 'green'),
  ];
}

/** Everything that panels of different kinds build in the same way. */
type AnyPanel = ChartPanel | StatPanel | TablePanel | StateTimelinePanel;

function panelOf(panel: Panel, id: number, position: GridPos): GrafanaPanel {
  const built = common(bare(panel), panel, id, position).build();
  return panel.kind === 'table' && panel.table ? { ...built, ...tidied(panel.table) } : built;
}

function bare(panel: Panel): AnyPanel {
  switch (panel.kind) {
    case 'timeseries':
      return chartOf(panel);
    case 'stat':
      return new StatPanel()
        .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
        .colorMode(panel.thresholds ? BigValueColorMode.Background : BigValueColorMode.Value)
        .graphMode(BigValueGraphMode.None)
        .textMode(BigValueTextMode.Auto);
    case 'table':
      return new TablePanel().showHeader(true);
    case 'state-timeline':
      return new StateTimelinePanel().mergeValues(true).rowHeight(0.8);
  }
}

function chartOf({ thresholds, isStacked, softMax }: Panel): ChartPanel {
  const chart = new ChartPanel()
    .lineWidth(1)
    .fillOpacity(isStacked ? 30 : 5)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (softMax !== undefined) chart.axisSoftMax(softMax);
  if (isStacked) chart.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (thresholds) chart.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return chart;
}

function common(builder: AnyPanel, panel: Panel, id: number, position: GridPos): AnyPanel {
  const { title, description, unit, thresholds, min, max, decimals, nothing, queries } = panel;
  builder.id(id).title(title).description(description).datasource(source).unit(unit).gridPos(position);
  const isNow = panel.kind === 'stat' || panel.kind === 'table';
  for (const [index, query] of queries.entries()) builder.withTarget(target(query, index, isNow, panel.kind === 'table'));
  if (thresholds) {
    const steps = thresholds.map(({ from, color }) => ({ value: from, color }));
    builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  }
  const byLevel = thresholds !== undefined && panel.kind !== 'timeseries';
  builder.colorScheme(
    new FieldColorBuilder().mode(byLevel ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassicByName),
  );
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  if (decimals !== undefined) builder.decimals(decimals);
  if (nothing !== undefined) builder.noValue(nothing);
  return builder;
}

function target({ expr, legend }: Query, index: number, isNow: boolean, isTable: boolean): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(source)
    .refId(String.fromCharCode(65 + index))
    .expr(expr);
  if (isNow) query.instant();
  else query.range();
  if (isTable) query.format(PromQueryFormat.Table);
  return legend === undefined ? query : query.legendFormat(legend);
}

function tidied({ without, value }: NonNullable<Panel['table']>): Pick<GrafanaPanel, 'transformations'> {
  return {
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: Object.fromEntries(without.map((name) => [name, true])),
          renameByName: value === 'Value' ? {} : { Value: value },
        },
      },
    ],
  };
}
