import type { CheckContext, CheckResult } from '../check.ts';
import { noController } from '../no-controller.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { absent, expectation } from './expectation.ts';

/** Flags of Rampart: whether they are on, and which variant users get. */
export function ownFlags(
  { expect }: { readonly expect: Readonly<Record<string, boolean | string>> },
  { own }: CheckContext,
): CheckResult {
  const lookedAt = { en: 'flags of Rampart', ru: 'флаги Rampart' };
  const expected = expectation(expect);
  if (!own) return noController(lookedAt, expected);
  const known = own.flags();
  const findings = Object.entries(expect).map(([key, wanted]): Finding => {
    const found = known.find((flag) => flag.key === key);
    if (!found) return absent(key, { en: 'a FlagSet document', ru: 'документе FlagSet' });
    const { isOn, variant } = found;
    const state = isOn
      ? sentence('on, and users get $', 'включён, пользователи получают $', variant ?? '—')
      : sentence('off, and users get $', 'выключен, пользователи получают $', variant ?? '—');
    const isRight = typeof wanted === 'boolean' ? isOn === wanted : variant === wanted;
    const text = sentence('$ is $', '$: $', key, state);
    if (isRight) return { status: 'pass', text };
    const change = typeof wanted === 'boolean' ? (wanted ? 'on' : 'off') : wanted;
    return { status: 'fail', text, fix: sentence('put $ to $: rampart flag', 'переведите $ в $: rampart flag', key, change) };
  });
  return resultOf(lookedAt, expected, findings);
}
