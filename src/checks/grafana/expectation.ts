import type { Text } from '../../spec/text.ts';
import { listed, sentence } from '../sentences.ts';
import type { Wanted } from './dashboard.ts';

/** What is asked for, in one sentence. */
export function expectation({ dashboards, min }: Wanted): Text {
  return dashboards.length > 0
    ? sentence('dashboards with panels: $', 'панели с графиками: $', listed(dashboards))
    : sentence('at least $ dashboards with panels', 'панелей с графиками не меньше $', min);
}
