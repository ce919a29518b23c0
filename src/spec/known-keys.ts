import type { z } from 'zod';

/** The keys that a schema's input may have; empty when it is no mapping or takes any key. */
export function knownKeys(schema: z.core.$ZodType): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.keys(def.shape);
    case 'record':
      return [...(def.keyType._zod.values ?? [])].map(String);
    case 'pipe':
      return knownKeys(def.in);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return knownKeys(def.innerType);
    default:
      return [];
  }
}
