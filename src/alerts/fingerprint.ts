/** FNV-1a with 64 bits, in two halves, because a BigInt for each byte takes longer. Its prime is 2^40 + 0x1b3. */
const offset = { high: 0xcbf29ce4, low: 0x84222325 };
const primeLow = 0x1b3;
const half = 2 ** 32;
const separator = 0xff;

/**
 * What identifies a set of labels, as Prometheus and Alertmanager have it: over the labels sorted by name, name and value each followed
 * by a byte that no UTF-8 has.
 *
 * @returns 16 hexadecimal digits.
 * @see prometheus/common, model/signature.go: LabelsToSignature.
 */
export function fingerprint(labels: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  // Bytes order as code points do; the order of JavaScript's own texts differs from that beyond the basic plane.
  const sorted = Object.entries(labels)
    .map((pair) => pair.map((text) => encoder.encode(text)) as [Uint8Array, Uint8Array])
    .sort(([a], [b]) => compareBytes(a, b));
  let { high, low } = offset;
  const take = (byte: number): void => {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * primeLow;
    high = (high * primeLow + Math.floor(product / half) + mixed * 2 ** 8) % half;
    low = product % half;
  };
  for (const pair of sorted)
    for (const bytes of pair) {
      bytes.forEach(take);
      take(separator);
    }
  return [high, low].map((part) => part.toString(16).padStart(8, '0')).join('');
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
