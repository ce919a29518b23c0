/** A parameter of a service, where a check uses it. */
export function param(name: string): string {
  return `\${${name}}`;
}

/** The same, where it need not be given. */
export function optional(name: string): string {
  return `\${${name}?}`;
}

/** What a built-in checklist says of an item, in the form of a document. */
export type ItemWords = {
  readonly role?: 'development' | 'devops' | 'security' | 'product';
  readonly severity?: 'warning';
  readonly if?: string;
  readonly check?: Readonly<Record<string, unknown>>;
  readonly confirm?: Readonly<Record<string, unknown>>;
  readonly validFor?: string;
  readonly timeout?: string;
  readonly needs?: readonly string[];
  readonly fix?: { readonly en: string; readonly ru: string };
};

/** An item in the form of a document. */
export function item(id: string, en: string, ru: string, words: ItemWords) {
  return { id, title: { en, ru }, ...words };
}

/** A phase in the form of a document. */
export function phase(id: string, en: string, ru: string, items: readonly ReturnType<typeof item>[]) {
  return { id, title: { en, ru }, items };
}

/** A person says so, with a link or a file, and again after some time. */
export function proven(validFor: string) {
  return { evidence: 'required', validFor } as const;
}

/** A person may say so where the check cannot run. */
export function instead(validFor: string) {
  return { evidence: 'required', validFor, instead: true } as const;
}

/** What a service says of itself. */
export function parameter(en: string, ru: string, value?: unknown) {
  return { description: { en, ru }, ...(value === undefined ? {} : { default: value }) };
}
