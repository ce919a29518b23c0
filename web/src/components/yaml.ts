/** A document as people write it: YAML of what JSON can hold. For reading; comments and anchors are lost already. Pure. */
export function yamlOf(value: unknown): string {
  return linesOf(value, '').join('\n');
}

function linesOf(value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent));
  if (isObject(value) && isNested(value))
    return Object.entries(value).flatMap(([key, item]) => {
      const name = `${indent}${scalar(key)}:`;
      if (isNested(item)) return [name, ...linesOf(item, Array.isArray(item) ? indent : `${indent}  `)];
      if (typeof item === 'string' && item.includes('\n')) return block(name, item, `${indent}  `);
      return [`${name} ${flat(item)}`];
    });
  return [`${indent}${flat(value)}`];
}

function itemLines(item: unknown, indent: string): readonly string[] {
  if (!isNested(item)) return [`${indent}- ${flat(item)}`];
  const [first = '', ...rest] = linesOf(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function block(name: string, text: string, indent: string): readonly string[] {
  const isClosed = text.endsWith('\n');
  const lines = (isClosed ? text.slice(0, -1) : text).split('\n');
  return [`${name} ${isClosed ? '|' : '|-'}`, ...lines.map((line) => (line === '' ? '' : `${indent}${line}`))];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What needs lines of its own. */
function isNested(value: unknown): boolean {
  return (Array.isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return '[]';
  if (isObject(value)) return '{}';
  return scalar(value);
}

/** What stays a text without quotes: nothing that YAML would take for a number, a truth, nothing, or a sign of its own. */
const plain = /^[\p{L}/_][\p{L}\p{N}_./@+ -]*$/u;
const words = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return plain.test(value) && !words.test(value) && !value.endsWith(' ') ? value : JSON.stringify(value);
}
