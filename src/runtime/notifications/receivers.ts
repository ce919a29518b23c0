import type { SetupState } from '../../incidents/setup.ts';
import { notifierAt } from '../../incidents/setup.ts';
import type { LaneRules, Rules } from '../../notifications/turn.ts';
import {
  capabilitiesOf,
  type Notifier,
  type NotifierCapabilities,
  type NotifierPlugin,
  type NotifierTools,
} from '../../notifiers/notifier.ts';
import type { NotifierSpec } from '../../spec/notifier.ts';

/** Kinds of receivers, by their names in documents. */
export type NotifierPlugins = Readonly<Record<string, NotifierPlugin>>;

/** Kind of a receiver; undefined where there is none of that name. */
export function pluginOf(plugins: NotifierPlugins, { receiver: { kind } }: NotifierSpec): NotifierPlugin | undefined {
  return Object.hasOwn(plugins, kind) ? plugins[kind] : undefined;
}

/** Receivers that are kept open, and the longest that closing one is waited for. */
const openMax = 500;

/** The receivers that documents describe, also through configurations of before. */
export class Receivers {
  readonly #setup: { readonly state: SetupState };
  readonly #plugins: NotifierPlugins;
  readonly #tools: NotifierTools;
  readonly #open = new Map<string, Notifier>();

  constructor(setup: { readonly state: SetupState }, plugins: NotifierPlugins, tools: NotifierTools) {
    this.#setup = setup;
    this.#plugins = plugins;
    this.#tools = tools;
  }

  /** What each revision of each notifier allows. */
  get rules(): Rules {
    const { state } = this.#setup;
    return {
      current: (name) => state.current.get(name) ?? null,
      lane: (name, revision) => this.#lane(notifierAt(state, name, revision)),
    };
  }

  /** Configuration of a notifier through a revision; undefined: it is not kept. */
  spec(name: string, revision: number): NotifierSpec | undefined {
    return notifierAt(this.#setup.state, name, revision);
  }

  /** Kind of a receiver; undefined where this program has none of that name. */
  plugin(spec: NotifierSpec): NotifierPlugin | undefined {
    return pluginOf(this.#plugins, spec);
  }

  /** What a notifier can do as it is configured now; null: there is none by this name. */
  capabilities(name: string): NotifierCapabilities | null {
    const revision = this.rules.current(name);
    const spec = revision === null ? undefined : this.spec(name, revision);
    const plugin = spec && this.plugin(spec);
    return plugin ? capabilitiesOf(plugin, spec.receiver.config) : null;
  }

  /**
   * The receiver itself, opened when it is needed first.
   *
   * @param to - Another address of it; null: its own.
   * @throws Error where there is none of that kind, or it has no other address.
   */
  receiver(spec: NotifierSpec, revision: number, to: string | null): Notifier {
    const key = `${spec.name}\n${revision}\n${to ?? ''}`;
    const known = this.#open.get(key);
    if (known) return known;
    const plugin = this.plugin(spec);
    if (!plugin) throw new Error(`there is no kind of notifier ${spec.receiver.kind}`);
    const { config } = spec.receiver;
    if (to !== null && !plugin.addressed) throw new Error(`${spec.receiver.kind} has one address only`);
    const receiver = plugin.open(to === null ? config : plugin.addressed?.at(config, to), this.#tools);
    this.#open.set(key, receiver);
    for (const [oldest, one] of this.#open) {
      if (this.#open.size <= openMax) break;
      this.#open.delete(oldest);
      void one.close().catch(() => {});
    }
    return receiver;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((one) => one.close()));
    this.#open.clear();
  }

  #lane(spec: NotifierSpec | undefined): LaneRules | null {
    const plugin = spec && this.plugin(spec);
    if (!spec || !plugin) return null;
    const { perMinute, inFlight, giveUpAfterMs, bundle } = spec.delivery;
    return {
      perMinute: Math.min(perMinute ?? plugin.perMinute, plugin.perMinuteMax ?? plugin.perMinute),
      inFlightMax: inFlight,
      giveUpAfterMs,
      // A receiver that takes each key once is a program that keeps account of every thread.
      bundles: bundle ?? !capabilitiesOf(plugin, spec.receiver.config).deduplicates,
    };
  }
}
