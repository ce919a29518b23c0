import type { Text } from '../../spec/text.ts';
import type { Kind, ObjectOf } from './objects.ts';

/** Where objects are looked at: a cluster, or files. */
export type Inventory = {
  readonly where: Text;
  /** All objects of a kind in the namespace, or in the cluster where the kind belongs to no namespace. Rejects with a UserError. */
  all<One extends Kind>(kind: One): Promise<readonly ObjectOf<One>[]>;
  hasSecret(name: string): Promise<boolean>;
  /** Whatever cannot be read of it, such as a file that is no YAML. */
  readonly problems: readonly string[];
};
