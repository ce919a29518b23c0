/** Directives of a Content-Security-Policy with their sources; the first one of a name counts, as in browsers (CSP3, 2.2.1). */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** Every policy of a header: all of them hold at once. */
export function policies(header: string): readonly Policy[] {
  return header
    .split(',')
    .map((text) => {
      const policy = new Map<string, readonly string[]>();
      for (const part of text.split(';')) {
        const [name = '', ...sources] = part.trim().split(/\s+/);
        if (name !== '' && !policy.has(name.toLowerCase())) policy.set(name.toLowerCase(), sources);
      }
      return policy;
    })
    .filter((policy) => policy.size > 0);
}

/** The sources from which scripts may come; undefined: from everywhere. */
export function scriptSources(policy: Policy): readonly string[] | undefined {
  return policy.get('script-src') ?? policy.get('default-src');
}

/** Sources that let a stranger's script run, as a browser of today reads them. */
export function unsafeSources(sources: readonly string[]): readonly string[] {
  const lower = sources.map((source) => source.toLowerCase());
  const isListed = lower.some((source) => /^'(nonce-|sha(256|384|512)-)/.test(source));
  const isStrict = lower.includes("'strict-dynamic'");
  return lower.filter((source) => {
    // A nonce or a hash makes browsers ignore it.
    if (source === "'unsafe-inline'") return !isListed && !isStrict;
    if (source === "'unsafe-eval'") return true;
    return !isStrict && (source === '*' || source === 'data:' || source === 'http:' || source === 'https:');
  });
}
