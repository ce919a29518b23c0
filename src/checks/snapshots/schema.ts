import { z } from 'zod';
import { byKey } from '../../spec/choice.ts';
import { command } from '../../spec/hook.ts';
import { duration } from '../../spec/units.ts';
import { pointer } from '../json-pointer.ts';

const name = z.string().min(1).max(253);
const wanted = {
  maxAge: duration({ minMs: 1_000, example: '24h' }).prefault('24h').describe('Longest since the newest one was taken.'),
  min: z.int().min(1).max(10_000).default(1).describe('How many have to be there.'),
  for: duration({ minMs: 1_000, example: '7d' }).optional().describe('How old the oldest one has to be, at least.'),
};

const kubernetes = z.strictObject({
  kubernetes: z
    .strictObject({
      kubeconfig: z.string().min(1).max(4_000).optional().describe('Path of a kubeconfig; default: the usual places.'),
      context: name.optional().describe('Its context; default: the current one.'),
      namespace: name.describe('Namespace of the snapshots.'),
      selector: z.string().min(1).max(1_000).optional().describe('Labels of the snapshots: app=shop.'),
      claims: z.array(name).max(100).default([]).describe('Claims (PVC) each of which needs such snapshots.'),
    })
    .describe('VolumeSnapshot objects of a cluster.'),
  ...wanted,
});

const program = z.strictObject({
  command: command.meta({
    description: 'Writes JSON: of doctl, aws, gcloud, or your own.',
    examples: [['doctl', 'compute', 'snapshot', 'list', '--resource', 'volume', '--output', 'json']],
  }),
  list: pointer.default('').describe('JSON pointer to the list of snapshots; default: the whole.'),
  time: pointer
    .min(1)
    .meta({ description: 'JSON pointer, in each, to when it was taken.', examples: ['/created_at', '/StartTime'] }),
  ready: z
    .strictObject({ at: pointer, is: z.union([z.string(), z.number(), z.boolean()]) })
    .optional()
    .meta({ description: 'Which of them are whole.', examples: [{ at: '/State', is: 'completed' }] }),
  ...wanted,
});

export const SnapshotsConfig = byKey('snapshots', { kubernetes, command: program }).describe(
  'Snapshots of volumes are taken, and are fresh.',
);
export type SnapshotsConfig = z.output<typeof SnapshotsConfig>;
