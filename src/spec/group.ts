import { z } from 'zod';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { apiVersion, serviceName } from './service.ts';
import { evenIfBroken } from './strategy.ts';
import { duration } from './units.ts';

/** A service of a group. */
export type GroupMember = {
  readonly service: string;
  /** File of its Service document, relative to the group's own; null: the document stands in the same file. */
  readonly file: string | null;
  /** Services that have to be ready before this one starts, and in front of it whenever order counts. */
  readonly after: readonly string[];
};

/** A `ReleaseGroup` document, checked and with every default filled in. Its members are in an order that keeps every `after`. */
export type GroupSpec = {
  readonly name: string;
  readonly owner: string | null;
  readonly members: readonly GroupMember[];
  /** How long a member waits for the others at a barrier, in milliseconds. */
  readonly barrierMs: number;
};

/** More than people can follow at once. */
const membersMax = 20;

const file = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' })
  .meta({ description: 'File of its Service document, from the folder of this file.', examples: ['api.yaml'] });

const member = z.strictObject({
  service: serviceName,
  file: file.optional(),
  after: z
    .array(serviceName)
    .max(membersMax)
    .optional()
    .describe('Members that have to be ready before it. Left out: the one before it in the list; `[]`: none.'),
});

/**
 * The schema of a whole `ReleaseGroup` document: services that are released together. Parses to a `GroupSpec`.
 *
 * @param problemOf - What is wrong with a member's Service document, beginning with `expected`; null when nothing is, or nobody has
 * looked for it yet.
 */
export function groupDocument(problemOf: (service: string, file: string | null) => string | null = () => null) {
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('ReleaseGroup').describe('Kind of the document.'),
      metadata: z
        .strictObject({
          name: serviceName.meta({
            description: 'Name of the group: at most 63 small letters, digits and dashes.',
            examples: ['shop'],
          }),
          owner: z.string().min(1).max(100).optional().describe('Team that answers for the group.'),
        })
        .describe('What the group is called, and whose it is.'),
      spec: z
        .strictObject({
          members: z
            .array(member)
            .min(1)
            .max(membersMax)
            .superRefine(checkMembers, { when: evenIfBroken })
            .superRefine((members, context) => {
              if (!Array.isArray(members)) return;
              for (const [index, { service, file: given }] of members.entries()) {
                const message = problemOf(service, given ?? null);
                if (message !== null)
                  context.addIssue({ code: 'custom', message, path: [index, given === undefined ? 'service' : 'file'] });
              }
            })
            .describe('The services of the group, in the order in which they are released.'),
          barrier: z
            .strictObject({
              max: duration({ minMs: 1_000, maxMs: 604_800_000, example: '1h' })
                .prefault('1h')
                .describe('How long a member waits for the others; then all of them go back.'),
            })
            .prefault({})
            .describe('Where members wait for each other: before all traffic, and before they become stable.'),
        })
        .describe('The group itself.'),
    })
    .superRefine(({ metadata, spec }, context) => {
      const at = spec.members.findIndex(({ service }) => service === metadata.name);
      if (at >= 0)
        context.addIssue({
          code: 'custom',
          message: `expected another name than that of a member: ${metadata.name} would mean both`,
          path: ['metadata', 'name'],
        });
    })
    .meta({ title: 'Rampart release group', description: 'Services that are released together: all of them or none.' })
    .transform(
      ({ metadata: { name, owner }, spec: { members, barrier } }): GroupSpec => ({
        name,
        owner: owner ?? null,
        members: inOrder(members),
        barrierMs: barrier.max,
      }),
    );
}

type Written = { readonly service: string; readonly file?: string | undefined; readonly after?: readonly string[] | undefined };

/** Each is after the one before it in the list, unless it says otherwise. */
function predecessors(members: readonly Written[], index: number): readonly string[] {
  const before = members[index - 1]?.service;
  return members[index]?.after ?? (before === undefined ? [] : [before]);
}

/** As in the list, but each behind all that it is after. Without a cycle there always is one that can be next. */
function inOrder(members: readonly Written[]): readonly GroupMember[] {
  const left = members.map(
    ({ service, file: given }, index): GroupMember => ({
      service,
      file: given ?? null,
      after: [...new Set(predecessors(members, index))],
    }),
  );
  const ordered: GroupMember[] = [];
  while (left.length > 0) {
    const next = left.findIndex(({ after }) => after.every((name) => ordered.some(({ service }) => service === name)));
    const [taken] = left.splice(Math.max(0, next), 1);
    if (taken) ordered.push(taken);
  }
  return ordered;
}

/** Names that occur twice or not at all, and members that wait for each other in a circle. */
function checkMembers(given: readonly unknown[], context: z.core.$RefinementCtx<unknown>): void {
  const members = given.filter(isWritten);
  // A member that is wrong in itself may stand here as it was written: then nothing can be said about all of them.
  if (members.length !== given.length) return;
  const refuse = (message: string, path: PropertyKey[]): void => context.addIssue({ code: 'custom', message, path });
  const names = members.map(({ service }) => service);
  let isWhole = true;
  for (const [index, { service, after }] of members.entries()) {
    const first = names.indexOf(service);
    if (first !== index) refuse(`member ${first + 1} is already ${found(service)}`, [index, 'service']);
    isWhole &&= first === index;
    for (const [place, name] of (after ?? []).entries()) {
      if (names.includes(name)) continue;
      isWhole = false;
      refuse(`expected a member of this group, such as ${names.find((one) => one !== service) ?? '[]'}, found ${found(name)}`, [
        index,
        'after',
        place,
      ]);
    }
  }
  if (!isWhole) return;
  const circle = circleOf(members);
  if (!circle) return;
  const index = names.indexOf(circle[0] ?? '');
  const implied = circle.some((name) => members[names.indexOf(name)]?.after === undefined);
  const hint = implied ? '; without `after` a member is after the one before it in the list, with `after: []` after none' : '';
  const told = [...circle, circle[0]].join(' after ');
  refuse(`expected an order, but they wait for each other: ${told}${hint}`, [
    index,
    members[index]?.after === undefined ? 'service' : 'after',
  ]);
}

function isWritten(value: unknown): value is Written {
  return (
    isMapping(value) &&
    typeof value.service === 'string' &&
    (value.after === undefined || (Array.isArray(value.after) && value.after.every((name) => typeof name === 'string')))
  );
}

/** Members that each are after the next one, and the last after the first; null when there are none. */
function circleOf(members: readonly Written[]): readonly string[] | null {
  const afterOf = new Map(members.map(({ service }, index) => [service, predecessors(members, index)]));
  // One that is after nothing that is left is in no circle; what stays is in one, or after one.
  for (let size = -1; size !== afterOf.size; ) {
    size = afterOf.size;
    for (const [name, after] of afterOf) if (!after.some((one) => afterOf.has(one))) afterOf.delete(name);
  }
  const [start] = afterOf.keys();
  if (start === undefined) return null;
  const path: string[] = [];
  for (let name = start; ; ) {
    const at = path.indexOf(name);
    if (at >= 0) return path.slice(at);
    path.push(name);
    name = (afterOf.get(name) ?? []).find((one) => afterOf.has(one)) ?? start;
  }
}
