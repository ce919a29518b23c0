/** Secrets that can be told by their form, with what people call them. */
const formats: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b/],
  ['GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['Stripe key', /\b(?:sk|rk)_live_[A-Za-z0-9]{16,}/],
  ['Google API key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['Grafana token', /\bgl(?:sa|c)_[A-Za-z0-9_]{20,}/],
  ['JSON Web Token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}/],
  ['bearer token', /\bbearer +[A-Za-z0-9._~+/-]{16,}=*/i],
  ['password in an address', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"']*:[^\s/@"'*]{3,}@/i],
];

/** What kind of secret stands in a text, by its form; null: none that is known. The secret itself is in no answer. */
export function secretFormIn(text: string): string | null {
  return formats.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
