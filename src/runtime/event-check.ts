import type { EventReader, MetricSource } from '../sources/source.ts';

/** Things that are said once; of more the first are forgotten. */
const saidMax = 1_000;

/**
 * A source that also looks at what its objectives count before a release begins: what is wrong with that is a reason to reject, and
 * what may be right, such as a matcher that chooses nothing yet, is said once.
 *
 * @param say - Takes a line for people.
 */
export function withEventCheck(source: MetricSource, events: EventReader, say: (line: string) => void): MetricSource {
  const said = new Set<string>();
  return {
    ...source,
    async check(version, signal) {
      const [problems, looked] = await Promise.all([source.check(version, signal), events.check(signal)]);
      if (said.size > saidMax) said.clear();
      for (const note of looked.notes) {
        if (!said.has(note)) say(note);
        said.add(note);
      }
      return [...new Set([...problems, ...looked.problems])];
    },
  };
}
