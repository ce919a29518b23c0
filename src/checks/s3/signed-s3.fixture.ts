import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** s3rver comes without types. */
type S3rver = new (options: object) => { run(): Promise<AddressInfo>; close(): Promise<void> };

type Signed = {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/**
 * Signature of a request by Signature Version 4, from what it says it has signed. Written from "Signature Calculations for the
 * Authorization Header" of the S3 API reference, and not with the library that signs.
 */
export function signatureOf(
  { method, path, headers }: Signed,
  secret: string,
): { readonly given: string; readonly right: string } {
  const [, date = '', region = '', names = '', given = ''] =
    /Credential=[^/]+\/(\d{8})\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const [place = '', search = ''] = path.split('?');
  const query = search
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
    .sort();
  const signed = names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const canonical = [method, place, query.join('&'), signed.join(''), names, headers['x-amz-content-sha256'] ?? ''].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'] ?? '',
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (part, word) => createHmac('sha256', part).update(word).digest(),
    `AWS4${secret}`,
  );
  return { given, right: createHmac('sha256', key).update(text).digest('hex') };
}

/**
 * s3rver behind a gate that checks signatures of version 4, which s3rver reads and does not check, and that answers for parts of a
 * bucket's configuration that s3rver does not have, in the words of the S3 API reference.
 */
export class SignedS3 {
  readonly accessKey = 'S3RVER';
  readonly secretKey = 'correct horse';
  /** Answers by parameter of the request: status and XML. */
  readonly settings = new Map<string, { readonly status: number; readonly xml: string }>();
  /** Methods that the key may not use. */
  readonly denied = new Set<string>();
  readonly requests: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'rampart-s3-'));
  readonly #gate = http.createServer((request, response) => void this.#pass(request, response));
  #server: InstanceType<S3rver> | null = null;
  #port = 0;

  static async start(bucket: string): Promise<SignedS3> {
    const s3 = new SignedS3();
    const Server = createRequire(import.meta.url)('s3rver') as S3rver;
    s3.#server = new Server({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: s3.#folder,
      configureBuckets: [{ name: bucket }],
    });
    s3.#port = (await s3.#server.run()).port;
    await once(s3.#gate.listen(0, '127.0.0.1'), 'listening');
    return s3;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#gate.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#gate.closeAllConnections();
    this.#gate.close();
    await this.#server?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const headers = request.headers as Readonly<Record<string, string | undefined>>;
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    this.requests.push(`${method} ${path}`);
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code} happened.</Message></Error>`,
      );
    };
    const user = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    if (user !== this.accessKey) return refuse(403, 'InvalidAccessKeyId');
    if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
      return refuse(400, 'XAmzContentSHA256Mismatch');
    const { given, right } = signatureOf({ method, path, headers }, this.secretKey);
    if (given !== right) return refuse(403, 'SignatureDoesNotMatch');
    if (this.denied.has(method)) return refuse(403, 'AccessDenied');
    const asked = [...new URL(path, 'http://s3').searchParams.keys()].find((name) => this.settings.has(name));
    const setting = asked === undefined ? undefined : this.settings.get(asked);
    if (setting) {
      response.writeHead(setting.status, { 'content-type': 'application/xml' });
      response.end(setting.xml);
      return;
    }
    const on = http.request({ host: '127.0.0.1', port: this.#port, method, path, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    on.end(body);
  }
}
