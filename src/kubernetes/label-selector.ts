export type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined };

/** A label selector as objects have it. */
export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly Requirement[] | undefined;
};

/**
 * Whether a selector chooses an object with these labels, as the API server does it: no selector chooses nothing.
 *
 * @param emptyIsAll - What one without requirements chooses: everything, or in `policy/v1beta1` nothing.
 */
export function selects(
  selector: LabelSelector | null | undefined,
  labels: Readonly<Record<string, string>>,
  emptyIsAll = true,
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return Boolean(selector) && emptyIsAll;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((one) => isMet(one, labels))
  );
}

function isMet({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const has = labels[key];
  switch (operator) {
    case 'In':
      return has !== undefined && values.includes(has);
    case 'NotIn':
      return has === undefined || !values.includes(has);
    case 'Exists':
      return has !== undefined;
    case 'DoesNotExist':
      return has === undefined;
    default:
      return false;
  }
}

/** Reads a selector as `kubectl --selector` takes it (`app=shop,tier!=batch,zone in (a, b),!canary`); null when it is none. */
export function parsedSelector(text: string): LabelSelector | null {
  const matchExpressions: Requirement[] = [];
  // A comma inside of parentheses parts values, not requirements.
  for (const part of text.split(/,(?![^(]*\))/).map((one) => one.trim())) {
    const [, not, alone] = /^(!?)\s*([A-Za-z0-9][\w./-]*)$/.exec(part) ?? [];
    const [, key, sign, value] = /^([A-Za-z0-9][\w./-]*)\s*(==?|!=)\s*([\w.-]*)$/.exec(part) ?? [];
    const [, of, word, list] = /^([A-Za-z0-9][\w./-]*)\s+(in|notin)\s+\(([^()]*)\)$/.exec(part) ?? [];
    if (alone !== undefined) matchExpressions.push({ key: alone, operator: not === '!' ? 'DoesNotExist' : 'Exists' });
    else if (key !== undefined) matchExpressions.push({ key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value ?? ''] });
    else if (of !== undefined)
      matchExpressions.push({
        key: of,
        operator: word === 'in' ? 'In' : 'NotIn',
        values: (list ?? '').split(',').map((one) => one.trim()),
      });
    else return null;
  }
  return { matchExpressions };
}
