import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createGunzip } from 'node:zlib';
import { messageOf, systemCode } from '../errors.ts';

/** What came back, whatever it is. */
export type Reply = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: string };

/** Where a program is, and what its certificate is checked against: paths of PEM files. */
export type Address = {
  readonly url: string;
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
        readonly serverName?: string | undefined;
        readonly insecure?: true | undefined;
      }
    | undefined;
};

/**
 * One request and its whole answer. Redirects are not followed: another host must not get this one's secrets.
 *
 * @param tooLarge - Makes the error for an answer of more than `bytesMax`, whose head has come.
 */
export function exchange(
  url: URL,
  options: https.RequestOptions,
  body: string,
  bytesMax: number,
  tooLarge: (head: Omit<Reply, 'body'>) => Error,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      const head = { status: response.statusCode ?? 0, headers: response.headers };
      const isPacked = response.headers['content-encoding'] === 'gzip';
      const content = isPacked ? response.pipe(createGunzip()) : response;
      const parts: Buffer[] = [];
      let bytes = 0;
      const fail = (error: unknown): void => {
        request.destroy();
        reject(error);
      };
      response.once('error', fail);
      content.once('error', fail);
      content.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > bytesMax) fail(tooLarge(head));
        else parts.push(part);
      });
      content.once('end', () => resolve({ ...head, body: Buffer.concat(parts).toString('utf8') }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

/**
 * Connections are kept, until a certificate in one of the files has been replaced.
 *
 * @param readPem - Text of the file that is named under `ca`, `cert` or `key`. Throws when it cannot be read.
 */
export function agentKeeper({ url, tls }: Address, readPem: (file: string, name: string) => string): () => http.Agent {
  const settings = { keepAlive: true, maxSockets: 8 };
  if (!/^https:/i.test(url)) {
    const agent = new http.Agent(settings);
    return () => agent;
  }
  let kept: { readonly agent: https.Agent; readonly state: string } | null = null;
  return () => {
    const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map((name) => {
      const file = tls?.[name];
      return file === undefined ? undefined : readPem(file, name);
    });
    const state = createHash('sha256')
      .update(JSON.stringify([ca, cert, key]))
      .digest('hex');
    if (kept?.state === state) return kept.agent;
    kept?.agent.destroy();
    const servername = tls?.serverName;
    const agent = new https.Agent({
      ...settings,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: tls?.insecure !== true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
    });
    kept = { agent, state };
    return agent;
  };
}

/**
 * What is wrong with certificates, ours or theirs, where that is why a request has failed: waiting does not help. Null: it is not.
 *
 * @param program - Who was asked.
 * @param place - Where the document names the files.
 */
export function tlsFailure(
  error: unknown,
  program: string,
  place: string,
): { readonly what: string; readonly fix: string } | null {
  const code = systemCode(error) ?? '';
  if (/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code))
    return {
      what: `its certificate is not trusted: ${messageOf(error)} (${code})`,
      fix: 'name the authority that signed it: tls: { ca: /path/to/ca.pem }, and the name in it where the address has another: serverName',
    };
  if (/^ERR_OSSL|^ERR_CRYPTO/.test(code))
    return {
      what: `the files of ${place} cannot be used: ${messageOf(error)}`,
      fix: 'put PEM there, and the key of that certificate',
    };
  if (/ALERT/.test(code))
    return {
      what: `${program} ends the TLS handshake (${code})`,
      fix: 'give it a certificate that it knows: tls: { cert: /path/to/client.pem, key: /path/to/client.key }',
    };
  return null;
}
