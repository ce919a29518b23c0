/** Most header lines in one request. */
export const headerLinesMax = 200;

/** What the head of a request says about its body, and the head as the version gets it. */
export type RequestHead = {
  readonly kind: 'head';
  /** Request line and headers with all CRLFs, the empty line included. */
  readonly text: string;
  /** Content-Length in bytes, -1 for chunked coding, 0 without a body. */
  readonly bodyBytes: number;
};
export type RefusedHead = { readonly kind: 'refused'; readonly status: 400 | 413 | 431; readonly why: string };

export type ForwardRules = {
  readonly trustForwarded: boolean;
  readonly maxBody: number;
};

/** The parts of a request that its head is made of, as `node:http` has parsed them. */
export type ParsedRequest = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersionMinor: number;
  readonly rawHeaders: readonly string[];
};

// What may stand in Host (RFC 3986 §3.2 without user information): a comma or a slash could name two hosts.
const hostValue = /^(?:[A-Za-z0-9._~%!$&'()*+;=-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/;

/**
 * The head that the version gets: headers of the connection removed, framing written anew from what was parsed, who asks added.
 * llhttp has already refused malformed lines, Content-Length beside Transfer-Encoding, and folded headers; what it leaves to
 * others (two Hosts, other codings than chunked, a coding in HTTP/1.0) is refused here.
 *
 * @param client - Address of the client.
 * @param upgrade - Whether to ask the version for a WebSocket.
 */
export function requestHead(
  request: ParsedRequest,
  client: string,
  rules: ForwardRules,
  upgrade = false,
): RequestHead | RefusedHead {
  const raw = request.rawHeaders;
  if (raw.length > headerLinesMax * 2) return refused(431, `more than ${headerLinesMax} header lines`);
  let url = request.url ?? '/';
  let host: string | undefined;
  let lines = '';
  let bodyBytes = 0;
  let hasLength = false;
  let expect = '';
  let named = '';
  let forwardedFor = '';
  let forwardedProto = '';
  let forwardedHost = '';
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    // Only these lengths can be a name that matters here; for all others the header is kept without a look.
    switch (name.length) {
      case 2:
      case 4:
      case 6:
      case 7:
      case 9:
      case 10:
      case 14:
      case 15:
      case 16:
      case 17:
      case 18:
      case 19:
        switch (name.toLowerCase()) {
          case 'host':
            if (host !== undefined) return refused(400, 'more than one Host');
            host = value;
            continue;
          case 'content-length':
            bodyBytes = Number(value);
            hasLength = true;
            continue;
          case 'transfer-encoding':
            if (value.toLowerCase() !== 'chunked' || request.httpVersionMinor === 0) return refused(400, 'Transfer-Encoding');
            bodyBytes = -1;
            continue;
          case 'connection': {
            const tokens = value.toLowerCase();
            if (tokens !== 'keep-alive' && tokens !== 'close') named += `,${tokens}`;
            continue;
          }
          case 'expect':
            expect = value;
            continue;
          case 'x-forwarded-for':
            forwardedFor += forwardedFor === '' ? value : `, ${value}`;
            continue;
          case 'x-forwarded-proto':
            forwardedProto = value;
            continue;
          case 'x-forwarded-host':
            forwardedHost = value;
            continue;
          case 'forwarded':
          case 'x-forwarded-port':
            if (rules.trustForwarded) break;
            continue;
          case 'te':
          case 'trailer':
          case 'upgrade':
          case 'keep-alive':
          case 'proxy-connection':
          case 'proxy-authenticate':
          case 'proxy-authorization':
            continue;
        }
    }
    lines += `${name}: ${value}\r\n`;
  }
  if (url.charCodeAt(0) !== 47 && !(url === '*' && request.method === 'OPTIONS')) {
    // A target in absolute form outranks Host (RFC 9112 §3.2.2).
    const absolute = /^https?:\/\/([^/?#]+)(\/[^#]*|\?[^#]*)?$/i.exec(url);
    if (!absolute) return refused(400, 'request target');
    host = absolute[1] as string;
    url = absolute[2] ?? '/';
    if (url.charCodeAt(0) !== 47) url = `/${url}`;
  }
  if (host === undefined) {
    if (request.httpVersionMinor !== 0) return refused(400, 'Host is missing');
    host = '';
  } else if (!hostValue.test(host)) return refused(400, 'Host');
  if (bodyBytes > rules.maxBody) return refused(413, `body above ${rules.maxBody} bytes`);
  if (named !== '') lines = withoutNamed(lines, named);
  if (rules.trustForwarded) {
    client = forwardedFor === '' ? client : `${forwardedFor}, ${client}`;
    if (forwardedProto === '') forwardedProto = 'http';
    if (forwardedHost === '') forwardedHost = host;
  } else {
    forwardedProto = 'http';
    forwardedHost = host;
  }
  let text = `${request.method} ${url} HTTP/1.1\r\nHost: ${host}\r\n${lines}X-Forwarded-For: ${client}\r\nX-Forwarded-Proto: ${forwardedProto}\r\nX-Forwarded-Host: ${forwardedHost}\r\n`;
  if (bodyBytes < 0) text += 'Transfer-Encoding: chunked\r\n';
  else if (hasLength) text += `Content-Length: ${bodyBytes}\r\n`;
  if (expect !== '') text += `Expect: ${expect}\r\n`;
  if (upgrade) text += 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  return { kind: 'head', text: `${text}\r\n`, bodyBytes };
}

function refused(status: RefusedHead['status'], why: string): RefusedHead {
  return { kind: 'refused', status, why };
}

/** Without the headers that the client's Connection header names as its own. Framing and who-asks are not among `lines`. */
function withoutNamed(lines: string, named: string): string {
  const names = new Set(named.split(',').map((token) => token.trim()));
  return lines
    .split('\r\n')
    .filter((line) => line === '' || !names.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .join('\r\n');
}
