import type { ServiceSpec, StandaloneObjective } from '../types.ts';
import { label } from './label.ts';

/**
 * The objectives of services as objectives with documents of their own, called after both: `checkout-availability`.
 *
 * @param taken - Names that others have.
 */
export function standaloneOf(
  services: readonly Pick<ServiceSpec, 'name' | 'objectives' | 'source'>[],
  taken: readonly string[],
): readonly StandaloneObjective[] {
  const names = new Set(taken);
  return services.flatMap(({ name: service, objectives, source }) =>
    objectives.map((objective): StandaloneObjective => {
      const base = [service, label(objective.name)].filter((part) => part !== '').join('-');
      let name = base.slice(0, 63).replace(/-$/, '');
      for (let count = 2; names.has(name); count += 1) name = `${base.slice(0, 59)}-${count}`;
      names.add(name);
      return { name, service, displayName: null, description: null, source: source ?? null, objective };
    }),
  );
}
