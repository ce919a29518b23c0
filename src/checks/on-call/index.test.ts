import { findings, type OnCallSetup } from '../../incidents/on-call/findings.ts';
import { person, policy, schedule } from '../../incidents/setup.fixture.ts';
import { checkConformance } from '../conformance.ts';
import type { OwnView } from '../own-view.ts';
import { onCall } from './index.ts';

const reached = '{ contacts: [ { notifier: sms, to: "+1" }, { notifier: mail, to: a@shop.example } ] }';
const always = '{ layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2020-01-01 } } ] }';
const good: OnCallSetup = {
  people: [person('anna', reached), person('boris', reached)],
  schedules: [schedule('payments', always)],
  policies: [policy('payments', '{ steps: [ { notify: [ { schedule: payments } ] } ] }')],
  notifiers: null,
};

/** What a controller would say of a setup. */
const context = (change: Partial<OnCallSetup> = {}) => {
  const setup = { ...good, ...change };
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  const told = (fromMs: number, untilMs: number) => ({
    schedules: names(setup.schedules),
    policies: names(setup.policies),
    findings: findings(setup, fromMs, untilMs),
  });
  return { own: { onCall: told } as unknown as OwnView };
};

checkConformance('on-call', onCall, [
  {
    name: 'somebody is reached at any time',
    given: () => ({}),
    context: context(),
    status: 'pass',
    found: /^schedules: payments; policies: payments$/,
  },
  {
    name: 'a person without a contact',
    given: () => ({ days: 3 }),
    context: context({ people: [person('anna', reached), person('boris', '{}')] }),
    status: 'fail',
    found: /EscalationPolicy payments, steps\[0\]: for P0, P1, P2 it reaches nobody from/,
    fix: /rampart oncall override/,
  },
  {
    name: 'one way alone to reach somebody',
    given: () => ({}),
    context: context({ people: [person('anna', reached), person('boris', '{ contacts: [ { notifier: sms } ] }')] }),
    status: 'warn',
    found: /^Person boris, contacts: can be reached for P0 by sms alone/,
  },
  {
    name: 'a gap of a schedule that is not asked for',
    given: () => ({ schedules: ['payments'] }),
    context: context({ schedules: [...good.schedules, schedule('office', '{}')] }),
    status: 'pass',
  },
  {
    name: 'a schedule that does not exist',
    given: () => ({ schedules: ['payment'] }),
    context: context(),
    status: 'fail',
    found: /^there is no Schedule payment$/,
    fix: /^write payments$/,
  },
  {
    name: 'schedules alone, or policies alone',
    given: () => ({ schedules: ['payments'], policies: [] }),
    context: context({ policies: [] }),
    status: 'pass',
    found: /^schedules: payments; policies: none$/,
  },
  {
    name: 'policies alone of a setup whose schedule has a gap',
    given: () => ({ schedules: [], policies: ['payments'] }),
    context: context({ schedules: [...good.schedules, schedule('office', '{}')] }),
    status: 'pass',
  },
  {
    name: 'a setup that calls nobody',
    given: () => ({}),
    context: context({ policies: [] }),
    status: 'fail',
    found: /^nobody is called of incidents/,
  },
  { name: 'without a controller', given: () => ({}), context: { own: null }, status: 'unproven', fix: /rampart up/ },
]);
