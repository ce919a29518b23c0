import type { GoldenSignal } from '../../api/types.ts';
import type { Line } from '../../components/chart.tsx';

type Levels = GoldenSignal['levels'];
type LevelName = keyof Levels;

const names = ['target', 'warning', 'critical'] as const satisfies readonly LevelName[];
const looks: Readonly<Record<LevelName, { readonly colour: string; readonly dash: readonly number[] }>> = {
  target: { colour: '--ok', dash: [1, 4] },
  warning: { colour: '--warn', dash: [8, 4] },
  critical: { colour: '--bad', dash: [2, 3] },
};

/**
 * The levels that are drawn: the lowest always, a graver one once the values have come half way to it. One that is far away would press
 * what there is to see onto the ground. Where two stand at one height the graver is drawn. Pure.
 */
export function drawnLevels(levels: Levels, highest: number): readonly LevelName[] {
  const given = names.flatMap((name) => {
    const at = levels[name];
    return at === null ? [] : [{ name, at }];
  });
  const apart = given.filter(({ at }, index) => given[index + 1]?.at !== at);
  return apart.filter(({ at }, index) => index === 0 || highest >= at / 2).map(({ name }) => name);
}

/** Lines of levels over as many moments as the values have. Pure. */
export function levelLines(
  levels: Levels,
  values: readonly (readonly (number | null)[])[],
  labelOf: (name: LevelName) => string,
): readonly Line[] {
  const highest = values.flat().reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  const length = values[0]?.length ?? 0;
  return drawnLevels(levels, highest).map((name) => ({
    label: labelOf(name),
    values: Array.from({ length }, () => levels[name]),
    isLevel: true,
    width: 1.5,
    ...looks[name],
  }));
}
