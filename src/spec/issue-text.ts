import type { z } from 'zod';
import { nearest } from './nearest.ts';

/** A value as a message names it: short, and never more than one line. */
export function found(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
}

/** What a schema expected and what it found, in one line, for schemas that do not say so themselves. */
export function issueText(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${nouns[issue.expected] ?? issue.expected}${orNothing(issue.input)}`;
    case 'invalid_value':
      return `expected ${listed(issue.values.map(String))}${orNothing(issue.input)}${meant(issue.input, issue.values)}`;
    case 'invalid_format':
      return `expected ${formats[issue.format] ?? `text like ${issue.pattern ?? issue.format}`}${orNothing(issue.input)}`;
    case 'too_small':
    case 'too_big': {
      const low = issue.code === 'too_small';
      const bound = Number(low ? issue.minimum : issue.maximum);
      const side = issue.inclusive === false ? (low ? 'more than' : 'less than') : low ? 'at least' : 'at most';
      if (issue.origin === 'array')
        return `expected ${side} ${counted(bound, 'item')}, found ${(issue.input as unknown[]).length}`;
      if (issue.origin === 'string')
        return `expected ${side} ${counted(bound, 'character')}, found ${(issue.input as string).length}`;
      return `expected a number of ${side} ${bound}, found ${found(issue.input)}`;
    }
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}${orNothing(issue.input)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'this key is not allowed here';
    default:
      return 'this value is not allowed here';
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  nonoptional: 'a value',
};

const formats: Readonly<Record<string, string>> = { url: 'a URL', email: 'an e-mail address', ipv4: 'an IPv4 address' };

/** `a, b or c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function orNothing(input: unknown): string {
  return input === undefined ? '' : `, found ${found(input)}`;
}

function meant(input: unknown, values: readonly unknown[]): string {
  const near = typeof input === 'string' ? nearest(input, values.map(String)) : undefined;
  return near ? `; did you mean "${near}"?` : '';
}
