import type { Approval } from '../spec/types.ts';
import { durationText } from '../spec/units.ts';
import type { Step } from './types.ts';

/** A step in plain words, for plans, timelines and the screen. `stable`: the version before; null when there is none. */
export function stepText(step: Step, stable: string | null): string {
  switch (step.kind) {
    case 'approve':
      return `wait for ${approvalText(step)}, at most ${durationText(step.expiresMs)}`;
    case 'match':
      return `send requests with ${step.match.map(matchText).join(' or ')}`;
    case 'weight':
      return `send ${step.percent} % of requests`;
    case 'observe':
      return (
        `observe for ${durationText(step.minMs)}${step.minRequests > 0 ? ` and ${step.minRequests} requests` : ''}` +
        (step.earlyMs === undefined ? '' : `, or ${durationText(step.earlyMs)} once it is proven good`)
      );
    case 'pause':
      return step.ms === null ? 'pause until resumed' : `pause for ${durationText(step.ms)}`;
    case 'hook':
      return `run ${step.hook.name}`;
    case 'promote':
      return 'send all requests';
    case 'bake':
      return `bake for ${durationText(step.minMs)}${stable === null ? '' : ` with ${stable} warm`}`;
    case 'retire':
      if (stable === null) return 'become the stable version';
      return step.afterMs > 0 ? `retire ${stable} after ${durationText(step.afterMs)}` : `retire ${stable}`;
  }
}

/** Whose yes a release waits for. */
export function approvalText({ by }: Approval): string {
  return by === 'another' ? 'an approval by another than who started it' : 'an approval';
}

function matchText(match: Extract<Step, { kind: 'match' }>['match'][number]): string {
  if ('cookie' in match) return `cookie ${match.cookie} = ${match.equals}`;
  if ('equals' in match) return `${match.header} = ${match.equals}`;
  if ('contains' in match) return `${match.header} containing ${match.contains}`;
  return `${match.header} matching ${match.pattern}`;
}
