import { durationText } from '../../spec/unit-text.ts';
import { type Finding, sentence } from '../sentences.ts';

/** How long a store keeps lines: so long; for ever; or it does not say. */
export type Kept = { readonly ms: number; readonly said: string } | 'for ever' | 'unknown';

/**
 * Whether lines are kept long enough.
 *
 * @param what - Whose lines: `shop-logs`, or the whole store.
 * @param how - What has to be changed where they are not.
 */
export function keptFinding(what: string, kept: Kept, minMs: number, how: string): Finding {
  const wanted = durationText(minMs);
  const fix = sentence('keep them for $: $', 'храните их $: $', wanted, how);
  if (kept === 'unknown')
    return {
      status: 'unproven',
      text: sentence('$: nobody says how long lines are kept', '$: срок хранения неизвестен', what),
      fix,
    };
  if (kept === 'for ever')
    return {
      status: 'warn',
      text: sentence(
        '$: no rule ever deletes lines, so they go when the space does',
        '$: строки не удаляются, пока не кончится место',
        what,
      ),
      fix,
    };
  const text = sentence('$: lines are kept for $', '$: строки хранятся $', what, kept.said);
  return kept.ms < minMs ? { status: 'fail', text, fix } : { status: 'pass', text };
}

/** How many recent lines there are, against how many there should be. */
export function recentFinding(what: string, found: number, min: number, withinMs: number): Finding {
  const text = sentence('$: $ lines in the last $', '$: строк $ за последние $', what, found, durationText(withinMs));
  if (found >= min) return { status: 'pass', text };
  return {
    status: 'fail',
    text,
    fix: {
      en: 'see whether the service writes logs, and whether its collector runs',
      ru: 'проверьте, пишет ли сервис журнал и работает ли сборщик',
    },
  };
}
