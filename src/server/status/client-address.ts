import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Where a request comes from: the last address that no trusted proxy has put there.
 *
 * @param trusted - Addresses and networks of proxies, as the Controller document has them.
 * @param forwarded - The `X-Forwarded-For` header.
 */
export function clientAddress(remote: string, forwarded: string | undefined, trusted: BlockList): string {
  const chain = [...(forwarded ?? '').split(',').map((one) => one.trim()), plain(remote)];
  for (let index = chain.length - 1; index > 0; index -= 1) {
    const [at = '', before = ''] = [chain[index], chain[index - 1]];
    if (!isTrusted(at, trusted) || isIP(before) === 0) return at;
  }
  return chain[0] ?? plain(remote);
}

/** @param networks - `127.0.0.1`, `10.0.0.0/8`. */
export function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  return isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that came over a socket of both kinds. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
