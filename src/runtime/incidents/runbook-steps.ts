import type { AlertsState } from '../../alerts/types.ts';
import type { CheckPlugin } from '../../checks/check.ts';
import type { OwnView } from '../../checks/own-view.ts';
import { checks } from '../../checks/registry.ts';
import type { RunStep } from '../../incidents/runbooks/types.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ServiceState } from '../../release/types.ts';
import type { ReadText } from '../../spec/secret.ts';
import type { Text } from '../../spec/text.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { redactedLines } from '../../views/redacted.ts';
import { lookText } from '../../views/runbook-look.ts';
import type { Clock } from '../clock.ts';
import { checkOnce } from '../readiness/check-once.ts';
import type { SignalKeeper } from '../signal-keeper.ts';
import type { StepAnswer } from './runbook-keeper.ts';

const plugins: Readonly<Record<string, CheckPlugin>> = checks;

export type RunbookWorld = {
  readonly service: (name: string) => ServiceState | undefined;
  readonly signals: Pick<SignalKeeper, 'signals' | 'gauges'>;
  readonly alerts: { readonly state: AlertsState };
  readonly own: (service: string) => OwnView | null;
  /** The document that counts for a service now; null: it has none. */
  readonly document: (service: string) => ServiceSpec | null;
  /** The secrets that a document names, as they are. */
  readonly secrets: (spec: ServiceSpec) => readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecret: ReadText;
  /** Where commands run whose service says nothing of a folder. */
  readonly folder: string;
  readonly clock: Clock;
};

/** Carries out a step of a runbook that runs by itself: what the controller knows, or one check. Secrets never come out of it. */
export async function performStep(
  world: RunbookWorld,
  { service }: Incident,
  { does }: RunStep,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const state = service === null ? undefined : world.service(service);
  const spec = service === null ? null : world.document(service);
  const hidden = spec ? world.secrets(spec) : [];
  if (does.kind === 'look') {
    if (!state || service === null)
      return {
        state: 'failed',
        said: { en: 'the incident is of no service here', ru: 'инцидент не относится к сервису' },
        lines: [],
      };
    const nowMs = world.clock.now();
    const { said, lines } = lookText(does.at, {
      state,
      signals: world.signals.signals(service, nowMs),
      gauges: world.signals.gauges(service, nowMs),
      alerts: [...world.alerts.state.open.values()],
      nowMs,
    });
    return { state: 'told', said, lines: redactedLines(lines, hidden) };
  }
  if (does.kind === 'person') return { state: 'failed', said: 'only people can do this', lines: [] };
  const { kind, config } = does.check;
  const plugin = plugins[kind];
  if (!plugin) return { state: 'failed', said: `there is no check of kind ${kind}`, lines: [] };
  const place = {
    service: service ?? 'rampart',
    version: state?.stable?.version ?? null,
    folder: spec?.folder ?? world.folder,
    environment: world.environment,
    readSecret: world.readSecret,
    secrets: hidden,
    own: service === null ? null : world.own(service),
    now: () => world.clock.now(),
  };
  const result = await checkOnce(plugin, { kind, config, written: config, timeoutMs: does.timeoutMs }, place, () => {}, signal);
  const isKnown = result.status !== 'unproven';
  return { state: isKnown ? 'told' : 'failed', said: sentence(result.status, result.found), lines: result.evidence };
}

function sentence(status: string, found: Text): Text {
  const bad = status === 'fail' || status === 'warn';
  if (typeof found === 'string') return bad ? `${found} (${status})` : found;
  return bad ? { en: `${found.en} (${status})`, ru: `${found.ru} (${status === 'fail' ? 'плохо' : 'внимание'})` } : found;
}
