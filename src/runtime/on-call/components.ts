/** A property of jCal (RFC 7265): name, parameters, type, values. */
export type Property = readonly [
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  type: string,
  ...values: readonly unknown[],
];

/** A component of jCal: name, properties, components in it. */
export type Component = readonly [name: string, properties: readonly Property[], parts: readonly Component[]];

export function parts([, , found]: Component): readonly Component[] {
  return found;
}

export function propertiesOf([, properties]: Component, name: string): readonly Property[] {
  return properties.filter(([one]) => one === name);
}

export function propertyOf(component: Component, name: string): Property | undefined {
  return propertiesOf(component, name)[0];
}

/** The text of a property; empty where it is not there. */
export function textOf(component: Component, name: string): string {
  return String(propertyOf(component, name)?.[3] ?? '');
}
