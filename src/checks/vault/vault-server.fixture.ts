import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

type Version = {
  readonly data: Readonly<Record<string, string>>;
  readonly created: string;
  readonly deleted?: string;
  readonly destroyed?: boolean;
};

/**
 * Answers as the HTTP API documentation of Vault says: `sys/health`, AppRole, tokens, KV versions 1 and 2. Vault itself cannot be had
 * from the registries that tests use.
 */
export class VaultServer {
  health = 200;
  /** KV version 2 by `mount/path`, the oldest version first; KV version 1. */
  readonly secrets = new Map<string, readonly Version[]>();
  readonly plain = new Map<string, Readonly<Record<string, string>>>();
  /** By token: seconds left, and the first parts of paths that it may read. */
  readonly tokens = new Map<string, { readonly ttl: number; readonly may: readonly string[] }>();
  readonly role = { roleId: 'shop-role', secretId: 'correct horse', token: 'hvs.role' };
  /** Vault before 1.10 does not know subkeys. */
  hasSubkeys = true;
  readonly requests: string[] = [];
  readonly #server = http.createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<VaultServer> {
    const server = new VaultServer();
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const path = decodeURIComponent((request.url ?? '').replace(/^\/v1\//, ''));
    this.requests.push(`${request.method} ${path}`);
    const [status, body] = this.#reply(request, path, Buffer.concat(parts).toString());
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === null ? '' : JSON.stringify(body));
  }

  #reply({ method, headers }: http.IncomingMessage, path: string, body: string): readonly [number, unknown] {
    const none = { errors: [] };
    if (path === 'sys/health')
      return [
        this.health,
        { initialized: this.health !== 501, sealed: this.health === 503, standby: this.health === 429, version: '1.15.4' },
      ];
    if (this.health === 503) return [503, { errors: ['Vault is sealed'] }];
    if (path === 'auth/approle/login' && method === 'POST') {
      const given = JSON.parse(body) as { role_id?: string; secret_id?: string };
      if (given.role_id !== this.role.roleId || given.secret_id !== this.role.secretId)
        return [400, { errors: ['invalid role or secret ID'] }];
      return [200, { auth: { client_token: this.role.token, lease_duration: 1_200, renewable: true } }];
    }
    const name = String(headers['x-vault-token'] ?? '');
    const token = this.tokens.get(name);
    const denied = [403, { errors: ['1 error occurred:\n\t* permission denied\n\n'] }] as const;
    if (!token) return denied;
    if (path === 'auth/token/revoke-self') {
      this.tokens.delete(name);
      return [204, null];
    }
    if (!token.may.some((begin) => path.startsWith(begin))) return denied;
    if (path === 'auth/token/lookup-self')
      return [200, { data: { id: name, ttl: token.ttl, renewable: true, policies: ['default'] } }];
    const [mount = '', part = '', ...rest] = path.split('/');
    const plain = this.plain.get(path);
    if (mount === 'kv') return plain ? [200, { data: plain, lease_duration: 2_764_800 }] : [404, none];
    const versions = this.secrets.get(`${mount}/${rest.join('/')}`);
    if (!versions) return [404, none];
    const shown = versions.map(({ created, deleted = '', destroyed = false }) => ({
      created_time: created,
      deletion_time: deleted,
      destroyed,
    }));
    const newest = versions.at(-1);
    const isGone = newest?.deleted !== undefined || newest?.destroyed === true;
    const metadata = { ...shown.at(-1), version: versions.length, custom_metadata: null };
    switch (part) {
      case 'metadata':
        return [
          200,
          {
            data: {
              current_version: versions.length,
              versions: Object.fromEntries(shown.map((one, index) => [String(index + 1), one])),
            },
          },
        ];
      case 'subkeys':
        if (!this.hasSubkeys) return [404, { errors: ['unsupported path'] }];
        return [
          isGone ? 404 : 200,
          {
            data: {
              metadata,
              subkeys: isGone ? null : Object.fromEntries(Object.keys(newest?.data ?? {}).map((key) => [key, null])),
            },
          },
        ];
      case 'data':
        return [isGone ? 404 : 200, { data: { metadata, data: isGone ? null : newest?.data } }];
      default:
        return [404, none];
    }
  }
}
