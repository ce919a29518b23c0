import type { Text } from '../../spec/text.ts';
import { type Finding, listed, sentence } from '../sentences.ts';

/** What flags are expected to be, in one sentence. */
export function expectation(expect: Readonly<Record<string, unknown>>): Text {
  return listed(Object.entries(expect).map(([key, value]) => `${key}: ${JSON.stringify(value)}`));
}

/** Whether a flag has the value that it should. */
export function compared(key: string, found: unknown, wanted: unknown): Finding {
  const is = shown(found);
  if (found === wanted) return { status: 'pass', text: sentence('$ is $', '$: $', key, is) };
  return {
    status: 'fail',
    text: sentence('$ is $ and not $', '$: $ вместо $', key, is, shown(wanted)),
    fix: sentence('set $ to $', 'установите для $ значение $', key, shown(wanted)),
  };
}

/** A flag that is not there. */
export function absent(key: string, where: Text): Finding {
  return {
    status: 'fail',
    text: sentence('$ is not there', '$: такого флага нет', key),
    fix: sentence('define $ in $', 'опишите $ в $', key, where),
  };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
