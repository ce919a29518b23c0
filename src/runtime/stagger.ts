/**
 * The turn (0 … `turns` − 1) that a service takes in work that comes round for everybody, so that a thousand services do not do it in
 * the same moment. The same name always has the same turn.
 */
export function stagger(name: string, turns: number): number {
  let sum = 0;
  for (let i = 0; i < name.length; i += 1) sum = (Math.imul(sum, 31) + name.charCodeAt(i)) >>> 0;
  return sum % turns;
}
