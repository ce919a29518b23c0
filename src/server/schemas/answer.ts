import type { z } from 'zod';

/** The same without `readonly`, all the way down: what a schema can say about a type. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/**
 * Ties the schema of an answer to the type of the view that it describes, in both directions: a view that gets a field, and a schema
 * that promises one, do not compile until the other has it too.
 */
export function answer<View>() {
  return <Schema extends z.ZodType>(
    schema: Schema & (Same<Plain<z.output<Schema>>, Plain<View>> extends true ? unknown : { readonly differs: Plain<View> }),
  ): z.ZodType<View> => schema as unknown as z.ZodType<View>;
}
