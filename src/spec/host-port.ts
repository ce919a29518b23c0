/** A host as it stands in a URL and before a port: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${urlHost(host)}:${port}`;
}
