import assert from 'node:assert/strict';
import { parseDocuments } from '../spec/document.ts';
import { type EscalationPolicySpec, escalationPolicyDocument } from '../spec/escalation-policy.ts';
import { type PersonSpec, personDocument } from '../spec/person.ts';
import { type ScheduleSpec, scheduleDocument } from '../spec/schedule.ts';

const kinds = { Person: personDocument, Schedule: scheduleDocument, EscalationPolicy: escalationPolicyDocument };

function document(kind: keyof typeof kinds, name: string, spec: string) {
  const text = `apiVersion: rampart/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  const [parsed] = parseDocuments(text, `${name}.yaml`, kinds);
  assert(parsed);
  return parsed.value;
}

/** Documents from their `spec` in YAML. */
export const person = (name: string, spec: string): PersonSpec => document('Person', name, spec) as PersonSpec;
export const schedule = (name: string, spec: string): ScheduleSpec => document('Schedule', name, spec) as ScheduleSpec;
export const policy = (name: string, spec: string): EscalationPolicySpec =>
  document('EscalationPolicy', name, spec) as EscalationPolicySpec;
