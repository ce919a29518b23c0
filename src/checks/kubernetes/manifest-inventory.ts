import { isMapping } from '../../spec/mapping.ts';
import { documentFiles } from '../documents.ts';
import type { Inventory } from './inventory.ts';
import { type Kind, kinds, type ObjectOf } from './objects.ts';

/** Kinds that belong to no namespace. */
const isGlobal = new Set<string>(['Node', 'ClusterRole', 'ClusterRoleBinding']);
/** Kinds that become a Secret: sealed ones, and those that an operator fetches. */
const secretKinds = new Set(['Secret', 'SealedSecret', 'ExternalSecret']);

type Item = Readonly<Record<string, unknown>>;

/**
 * The objects of manifest files. Whatever names no namespace counts as being in the one that is asked about, as with
 * `kubectl apply --namespace`.
 */
export async function manifestInventory(
  folder: string,
  path: string,
  namespace: string,
  signal: AbortSignal,
): Promise<Inventory> {
  const files = await documentFiles(folder, path, /\.(ya?ml|json)$/i, signal);
  const problems = files.flatMap((file) => file.problems);
  const parsed = new Map<string, unknown[]>();
  const secrets = new Set<string>();
  for (const { name: file, documents } of files)
    for (const item of documents.flatMap(itemsOf)) {
      const kind = String(item.kind);
      const metadata = isMapping(item.metadata) ? item.metadata : {};
      if (!isGlobal.has(kind) && metadata.namespace !== undefined && metadata.namespace !== namespace) continue;
      if (secretKinds.has(kind)) secrets.add(secretName(item, metadata));
      if (!Object.hasOwn(kinds, kind)) continue;
      const read = kinds[kind as Kind].safeParse(item);
      if (read.success) parsed.set(kind, [...(parsed.get(kind) ?? []), read.data]);
      else {
        const [issue] = read.error.issues;
        problems.push(`${file}: ${kind} ${String(metadata.name)}: ${issue?.path.join('.')}: ${issue?.message}`);
      }
    }
  return {
    where: path,
    problems,
    all: async <One extends Kind>(kind: One) => (parsed.get(kind) ?? []) as readonly ObjectOf<One>[],
    hasSecret: async (name) => secrets.has(name),
  };
}

function itemsOf(document: unknown): readonly Item[] {
  if (!isMapping(document)) return [];
  if (document.kind === 'List' && Array.isArray(document.items)) return document.items.flatMap(itemsOf);
  return typeof document.kind === 'string' && typeof document.apiVersion === 'string' ? [document] : [];
}

/** An ExternalSecret may name what it becomes. */
function secretName(item: Item, metadata: Item): string {
  const spec = isMapping(item.spec) ? item.spec : {};
  const target = isMapping(spec.target) ? spec.target.name : undefined;
  return String(target ?? metadata.name);
}
