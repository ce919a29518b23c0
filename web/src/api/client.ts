import { heardDate } from './clock.ts';
import type { Problem as ProblemDetails } from './schema.ts';

/** An error as the API tells it: what happened, where, what to do. Status 0: the server was not reached. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly where: string;
  readonly fix: string;
  /** Each mistake of a document, where the error is about one. */
  readonly problems: readonly unknown[];

  constructor({ title, status, code, where, fix, problems }: Omit<ProblemDetails, 'type'>) {
    super(title);
    this.status = status;
    this.code = code;
    this.where = where;
    this.fix = fix;
    this.problems = problems ?? [];
  }
}

/** Whether the API has refused something that it would refuse again: what was not reached, or failed, may be there the next time. */
export function isFinal(error: Error | null): boolean {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}

/** What goes along with every request: the language of the sentences, and what proves that a writing one comes from here. */
const manners: { language: string; csrf: string | null } = { language: 'en', csrf: null };

export function speak(language: string): void {
  manners.language = language;
}

export function setCsrf(csrf: string | null): void {
  manners.csrf = csrf;
}

export type Ask = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** The same key for the same intention: sent twice, it is done once. */
  readonly key?: string;
};

/** Asks the API. @throws Problem */
export async function ask<Answer>(path: string, options: Ask = {}): Promise<Answer> {
  const response = await fetched(path, options);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

/** The same for an answer that is a file. @throws Problem */
export async function askText(path: string, options: Ask = {}): Promise<string> {
  return (await fetched(path, options)).text();
}

async function fetched(path: string, { method = 'GET', body, signal, key }: Ask): Promise<Response> {
  const headers = new Headers({ accept: 'application/json', 'accept-language': manners.language });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (key !== undefined) headers.set('idempotency-key', key);
  if (method !== 'GET' && manners.csrf !== null) headers.set('x-rampart-csrf', manners.csrf);
  const response = await fetch(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ title: '', status: 0, code: 'E_UNREACHABLE', where: '', fix: '' });
  });
  heardDate(response.headers.get('date'));
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  const told: Partial<ProblemDetails> = await response.json().catch(() => ({}));
  const { title = '', code = 'E_INTERNAL', where = '', fix = '', problems } = told;
  return new Problem({ title, status, code, where, fix, ...(problems ? { problems } : {}) });
}

/** A key for one intention of a person. `randomUUID` is missing where the page did not come over https or from this machine. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A path with its parts encoded, and a query without what is empty. */
export function pathOf(
  parts: readonly string[],
  query: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const path = `/api/v1/${parts.map(encodeURIComponent).join('/')}`;
  return search.size > 0 ? `${path}?${search}` : path;
}
