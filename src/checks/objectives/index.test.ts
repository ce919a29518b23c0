import { checkConformance } from '../conformance.ts';
import type { OwnObjective, OwnView } from '../own-view.ts';
import { objectives } from './index.ts';

const availability: OwnObjective = {
  name: 'availability',
  targetPpm: 999_000,
  met: true,
  budgetLeftPpm: 620_000,
  sentence: '99.962 % of 1,204,331 requests were good',
};
const latency: OwnObjective = {
  ...availability,
  name: 'latency',
  met: false,
  budgetLeftPpm: -40_000,
  sentence: '98.9 % were fast',
};
const young: OwnObjective = { ...availability, name: 'erp', met: null, budgetLeftPpm: null, sentence: 'nothing was counted' };

/** What a controller would say of these. */
const context = (...known: readonly OwnObjective[]) => ({ own: { objectives: async () => known } as unknown as OwnView });

checkConformance('objectives', objectives, [
  {
    name: 'all are met',
    given: () => ({ budget: '50%' }),
    context: context(availability),
    status: 'pass',
    found: /^availability: met: 99\.962 % of/,
  },
  {
    name: 'one of them is not',
    given: () => ({}),
    context: context(availability, latency),
    status: 'fail',
    found: /^latency: not met: 98\.9 % were fast$/,
    fix: /rampart slo/,
  },
  {
    name: 'those that are named',
    given: () => ({ names: ['availability'] }),
    context: context(availability, latency),
    status: 'pass',
  },
  {
    name: 'met with less of its budget than asked for',
    given: () => ({ budget: '75%' }),
    context: context(availability),
    status: 'fail',
    found: /^availability: met, and 62% of its error budget is left/,
  },
  {
    name: 'nobody can tell yet',
    given: () => ({}),
    context: context(availability, young),
    status: 'unproven',
    found: /^erp: not enough is known/,
  },
  {
    name: 'one that does not exist',
    given: () => ({ names: ['avalability'] }),
    context: context(availability),
    status: 'fail',
    found: /^avalability: there is no such objective; there are: availability$/,
  },
  { name: 'a service without any', given: () => ({}), context: context(), status: 'fail', found: /has no objectives/ },
  { name: 'without a controller', given: () => ({}), context: { own: null }, status: 'unproven', fix: /rampart up/ },
]);
