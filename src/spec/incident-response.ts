import { z } from 'zod';
import { hook } from './hook.ts';
import { found } from './issue-text.ts';
import type { Hook } from './types.ts';
import { duration } from './units.ts';

/** What the machine may try by itself: look at the health, start the instances anew, take the release back. */
export const responses = ['check', 'restart', 'rollback'] as const;
export type Response = (typeof responses)[number];

/** What the machine does about incidents of a service before it calls a person. Milliseconds. */
export type RespondPolicy = {
  /** In this order; empty: people are asked at once. */
  readonly P0: readonly Response[];
  readonly P1: readonly Response[];
  readonly P2: readonly Response[];
  /** Carried out for `restart`; null: what runs the instances starts them anew. */
  readonly restart: Hook | null;
  /** When a person is called: once the machine cannot or could not help, or always. */
  readonly page: 'when-needed' | 'always';
  /** How often each may be tried in one incident. */
  readonly tries: number;
  /** Between two tries of the same in a service. */
  readonly cooldownMs: number;
  /** How long it is waited for help where it cannot be reckoned from an objective. */
  readonly verifyMs: number;
  /** Waited on top of what is reckoned. */
  readonly marginMs: number;
};

export type IncidentsSpec = {
  /** Null: people are called. */
  readonly respond: RespondPolicy | null;
  /** Golden signals above their levels are alerts. */
  readonly signals: boolean;
  /** Releases that are taken back because they hurt users are alerts. */
  readonly releases: boolean;
};

const restartMs = 120_000;

const actions = (of: string, ...given: Response[]) =>
  z
    .array(z.enum(responses, { error: ({ input }) => `expected check, restart or rollback, found ${found(input)}` }))
    .max(responses.length)
    .refine((list) => new Set(list).size === list.length, { error: 'expected each of them once' })
    .default(given)
    .describe(`What is tried for incidents of ${of}, in this order. [] asks people at once.`);

const respond = z
  .strictObject({
    P0: actions('P0', 'check', 'rollback').meta({ examples: [['check', 'restart', 'rollback']] }),
    P1: actions('P1'),
    P2: actions('P2'),
    restart: hook
      .optional()
      .describe('How the instances are started anew: a command or a request. Left out: by what runs them, one after another.'),
    page: z
      .enum(['when-needed', 'always'])
      .default('when-needed')
      .describe('When a person is called: when it did not help, failed, or nothing is known; or always at once.'),
    tries: z.int().min(1).max(5).default(1).describe('How often each may be tried in one incident.'),
    cooldown: duration({ minMs: 0, maxMs: 86_400_000, example: '10m' })
      .prefault('10m')
      .describe('Time between two tries of the same in the service.'),
    verify: duration({ minMs: 1_000, maxMs: 3_600_000, example: '5m' })
      .prefault('5m')
      .describe('How long help is waited for where no objective says how long it takes.'),
    margin: duration({ minMs: 0, maxMs: 3_600_000, example: '1m' })
      .prefault('1m')
      .describe('Waited on top of the time in which the burn has to fall.'),
  })
  .transform(({ cooldown, verify, margin, restart, ...rest }): RespondPolicy => {
    const filled = restart === undefined ? null : { ...restart, timeoutMs: restart.timeoutMs ?? restartMs };
    return { ...rest, restart: filled, cooldownMs: cooldown, verifyMs: verify, marginMs: margin };
  });

/** What a service says of its incidents. */
export const incidents = z
  .strictObject({
    respond: respond.optional().describe('What the machine tries by itself before it calls a person.'),
    signals: z.boolean().default(true).describe('Whether golden signals above their levels are alerts.'),
    releases: z.boolean().default(true).describe('Whether a release that is taken back because it hurts users is an alert.'),
  })
  .transform(({ respond: policy, signals, releases }): IncidentsSpec => ({ respond: policy ?? null, signals, releases }))
  .describe('What is done about incidents of the service.');
