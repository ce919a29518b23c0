import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';

/** A mistake in a targeting rule; `isKey`: the path names a key that is wrong itself. */
export type TargetingFinding = { readonly path: readonly (string | number)[]; readonly message: string; readonly isKey: boolean };

/**
 * The operators of JSONLogic that flagd evaluates, and its own. Not `log`, which writes into the controller's output, and not `reduce`,
 * which can make a text of any length out of a short request.
 *
 * @see https://flagd.dev/reference/flag-definitions/#targeting-rules
 */
const operators = [
  ...[
    '!',
    '!!',
    '!=',
    '!==',
    '%',
    '*',
    '+',
    '-',
    '/',
    '<',
    '<=',
    '==',
    '===',
    '>',
    '>=',
    'all',
    'and',
    'cat',
    'ends_with',
    'filter',
  ],
  ...['fractional', 'if', 'in', 'map', 'max', 'merge', 'min', 'missing', 'missing_some', 'none', 'or', 'sem_ver', 'some'],
  ...['starts_with', 'substr', 'var'],
];
const versionOperators = ['=', '!=', '<', '<=', '>', '>=', '~', '^'];

/** Each goes through a list, and does its rule once for each item. */
const iterators = ['all', 'filter', 'map', 'none', 'some'];

/** A deeper or larger rule is a mistake, or takes long for every request. */
const depthMax = 20;
const partsMax = 2_000;
/** Weights add up to a 32-bit integer in every implementation of flagd. */
const weightsMax = 2_147_483_647;

/**
 * What is wrong with a targeting rule: operators that do not exist, answers that are no variant, shares that are none.
 *
 * @param refusal - Why this is no variant; null when it is one.
 */
export function targetingFindings(
  targeting: Readonly<Record<string, unknown>>,
  refusal: (variant: string) => string | null,
): readonly TargetingFinding[] {
  const findings: TargetingFinding[] = [];
  let parts = 0;
  /** The operator that the rule being looked at is done for each item of; null: none. */
  let within: string | null = null;
  type Path = readonly (string | number)[];
  const report = (path: Path, message: string, isKey = false): undefined => void findings.push({ path, message, isKey });

  /** @param isAnswer - Whether what this comes to is the variant. */
  function look(part: unknown, path: Path, isAnswer: boolean): undefined {
    parts += 1;
    if (parts === partsMax + 1) report([], `expected a rule of at most ${partsMax} parts`);
    if (parts > partsMax || findings.length > 50) return;
    if (path.length > depthMax * 2) return report(path, `expected a rule that is at most ${depthMax} levels deep`);
    if (Array.isArray(part)) return void part.forEach((one, i) => look(one, [...path, i], false));
    if (!isMapping(part)) {
      if (!isAnswer || part === null) return;
      const why = typeof part === 'string' || typeof part === 'boolean' ? refusal(String(part)) : refusal(found(part));
      return why === null ? undefined : report(path, why);
    }
    const [operator, second] = Object.keys(part);
    if (operator === undefined) return report(path, 'expected a rule with one operator, found none');
    if (second !== undefined) return report([...path, second], `a rule has one operator: ${operator} is already given`, true);
    if (!operators.includes(operator)) {
      const near = nearest(operator, operators);
      const meant = near === undefined ? '.' : `; did you mean "${near}"?`;
      return report([...path, operator], `unknown operator ${found(operator)}${meant} Known here: ${operators.join(', ')}`, true);
    }
    const args = part[operator];
    const under = [...path, operator];
    if (operator === 'if') return branches(args, under, isAnswer);
    if (operator === 'fractional') return shares(args, under, isAnswer);
    if (operator === 'sem_ver') versions(args, under);
    if (!iterators.includes(operator)) return look(args, under, false);
    // Lists within lists multiply: four of 200 items are enough to keep the controller from everything else for minutes.
    if (within !== null)
      return report(under, `expected no ${operator} inside ${within}: it would take long for every request`, true);
    if (!Array.isArray(args)) return look(args, under, false);
    const [list, ...rules] = args;
    look(list, [...under, 0], false);
    within = operator;
    rules.forEach((rule, i) => look(rule, [...under, i + 1], false));
    within = null;
  }

  function branches(args: unknown, path: Path, isAnswer: boolean): undefined {
    if (!Array.isArray(args) || args.length < 2)
      return report(path, `expected a list: condition, answer, and so on, found ${found(args)}`);
    // Condition, answer, condition, answer, …, and the last one without a condition.
    args.forEach((one, i) => look(one, [...path, i], isAnswer && (i % 2 === 1 || (i === args.length - 1 && i > 1))));
  }

  function shares(args: unknown, path: Path, isAnswer: boolean): undefined {
    if (!Array.isArray(args) || args.length === 0)
      return report(path, `expected a list of shares such as [on, 10], found ${found(args)}`);
    let sum = 0;
    args.forEach((one, i) => {
      // The first may say by what users are told apart.
      if (i === 0 && !Array.isArray(one)) {
        if (!isMapping(one)) report([...path, i], `expected a rule or a share such as [on, 10], found ${found(one)}`);
        return look(one, [...path, i], false);
      }
      if (!Array.isArray(one) || one.length === 0 || one.length > 2)
        return report([...path, i], `expected a share such as [on, 10], found ${found(one)}`);
      look(one[0], [...path, i, 0], isAnswer);
      const weight: unknown = one.length === 2 ? one[1] : 1;
      if (isMapping(weight)) return look(weight, [...path, i, 1], false);
      if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0)
        return report([...path, i, 1], `expected a whole number from 0, found ${found(weight)}`);
      sum += weight;
    });
    if (sum > weightsMax) report(path, `expected weights that add up to at most ${weightsMax}, found ${sum}`);
  }

  function versions(args: unknown, path: Path): undefined {
    if (!Array.isArray(args) || args.length !== 3)
      return report(path, 'expected a list of three: a version, an operator such as ">=", and a version');
    const operator: unknown = args[1];
    if (typeof operator !== 'string' || !versionOperators.includes(operator))
      report([...path, 1], `expected one of ${versionOperators.join(' ')}, found ${found(operator)}`);
  }

  look(targeting, [], true);
  return findings;
}
