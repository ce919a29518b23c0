import { UserError } from '../errors.ts';
import type { ApiRequest } from './api.ts';

const verbs: Readonly<Record<ApiRequest['method'], string>> = {
  GET: 'get, list and watch',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** The API server cannot be had, or not understood. It may be there again later. */
export function unreachable(server: string, what: string): UserError {
  return new UserError('E_KUBERNETES_UNREACHABLE', `the Kubernetes API does not answer: ${what}`, {
    where: server,
    fix: 'see whether `kubectl get --raw /readyz` answers from this machine; Rampart tries again by itself',
  });
}

/**
 * What an answer of the API other than 2xx means (`Status` object of the Kubernetes API conventions).
 *
 * @param text - Body of the answer: a `Status`, or what a proxy in between has said.
 */
export function answerError(status: number, text: string, request: ApiRequest, retryAfter?: string): UserError {
  const said = messageIn(text) ?? `status ${status}`;
  const where = request.path;
  switch (status) {
    case 401:
      return new UserError('E_KUBERNETES_FORBIDDEN', `the cluster does not know who asks: ${said}`, {
        where,
        fix: 'renew the credentials in the kubeconfig; `kubectl auth whoami` or `kubectl get pods` shows whether they work',
      });
    case 403: {
      const { verb, resource } = forbiddenIn(said) ?? { verb: verbs[request.method], resource: resourceOf(request.path) };
      return new UserError('E_KUBERNETES_FORBIDDEN', said, {
        where,
        fix: `let this account ${verb} ${resource}: a Role with that verb and resource, and a RoleBinding (docs/guides/kubernetes.md has one)`,
      });
    }
    case 404:
      return new UserError('E_KUBERNETES_NOT_FOUND', said, {
        where,
        fix: `see \`kubectl get ${resourceOf(request.path)}\`; where the kind itself is unknown, install its definition (CRD) first`,
      });
    case 409:
      return new UserError('E_KUBERNETES_CONFLICT', said, {
        where,
        fix: 'somebody else has changed the same fields: decide who manages them; Rampart tries again with what is there now',
      });
    case 429:
    case 503:
      return new UserError(
        'E_KUBERNETES_BUSY',
        `the Kubernetes API asks to wait${retryAfter ? ` ${retryAfter} s` : ''}: ${said}`,
        {
          where,
          fix: 'nothing has to be done: Rampart tries again by itself',
        },
      );
    default:
      return new UserError('E_KUBERNETES_REFUSED', said, {
        where,
        fix: status >= 500 ? 'see the log of the API server' : 'correct what the message names',
      });
  }
}

function messageIn(text: string): string | null {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? message.slice(0, 1_000) : null;
  } catch {
    const line = text.trim().split('\n')[0];
    return line === undefined || line === '' ? null : line.slice(0, 300);
  }
}

/** Verb and resource in the words of the authorizer: `cannot create resource "deployments" in API group "apps"`. */
function forbiddenIn(message: string): { readonly verb: string; readonly resource: string } | null {
  const [, verb, resource, group] = /cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?/.exec(message) ?? [];
  if (verb === undefined || resource === undefined) return null;
  return { verb, resource: group ? `${resource}.${group}` : resource };
}

/** `deployments` of `/apis/apps/v1/namespaces/shop/deployments/checkout`. */
function resourceOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const below = parts.slice(parts[0] === 'api' ? 2 : 3);
  return (below[0] === 'namespaces' && below.length > 2 ? below[2] : below[0]) ?? path;
}
