import { fieldManager, type KubernetesObject } from './api.ts';

/** Who has set `spec.<field>` of an object, by the API server's own record; empty where nobody has. */
export function managersOf({ metadata }: KubernetesObject, field: string): readonly string[] {
  return (metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }) =>
    fieldsV1?.['f:spec']?.[`f:${field}`] === undefined ? [] : [manager ?? 'unknown'],
  );
}

/** Whether Rampart has it among its own fields. */
export function isOurs(object: KubernetesObject, field: string): boolean {
  return managersOf(object, field).includes(fieldManager);
}
