import { randomUUID } from 'node:crypto';
import type { OwnView } from '../../checks/own-view.ts';
import type { ItemResult } from '../../readiness/types.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import { checklistFor } from './checklists.ts';
import { runLocally } from './local-run.ts';
import type { ReadinessRuns } from './ports.ts';

/** Results that are remembered, by service, version and checklist; the oldest of more are let go. */
const rememberedMax = 100;

export type PlainWorld = {
  readonly environment: NodeJS.ProcessEnv;
  readonly own: (service: string) => OwnView | null;
  /** Unix ms. */
  readonly now: () => number;
};

/** Runs of checklists that nobody keeps: no person can confirm or sign anything, so what asks for that is unproven. */
export function plainRuns(world: PlainWorld): ReadinessRuns {
  const remembered = new Map<string, readonly ItemResult[]>();
  return {
    async run({ service, version, spec, checklist: asked, phases, again }, signal) {
      const folder = spec.folder ?? process.cwd();
      const checklist = await checklistFor(asked, folder, spec.readiness?.parameters ?? {}, false, signal);
      const key = JSON.stringify([service, version, asked]);
      const results = new Map((remembered.get(key) ?? []).map((result) => [result.item, result]));
      const { environment, own, now } = world;
      const place = { service, version, folder, environment, readSecret: readSecretFile, own: own(service), now };
      const exemptions = (spec.readiness?.exemptions ?? []).map(({ item, reason, approvedBy, untilMs }) => ({
        item,
        reason,
        by: approvedBy,
        atMs: 0,
        untilMs,
      }));
      const progress = { ended: (result: ItemResult) => void results.set(result.item, result) };
      const only = phases === null ? null : { phases, items: [] };
      const run = { checklist, asked, place, confirmations: [], exemptions, only, save: null, progress };
      const { report, hash, signOffs, unsigned } = await runLocally(run, again ? [] : [...results.values()], signal);
      remembered.delete(key);
      remembered.set(key, [...results.values()]);
      for (const oldest of remembered.keys()) if (remembered.size > rememberedMax) remembered.delete(oldest);
      return { run: randomUUID().slice(0, 8), report, hash, signOffs, unsigned };
    },
  };
}
