/**
 * Words in a name whose value is a secret as a rule. As whole words of the name (`DB_PASSWORD`, `apiKey`, `x-auth-token`), so that
 * `monkey`, `tokens` of a counter or `author` are none.
 */
const secretWord =
  /^(passwords?|passwd|pwd|pass|passphrase|secrets?|token|apikey|key|keys|credentials?|auth|authorization|cookie|cookies|dsn|signature|sig|salt|pin|otp|jwt|bearer|private)$/i;

/** Ends of a word that was written in one: `PGPASSWORD`, `accesstoken`. */
const secretEnd = /(password|passwd|passphrase|secret|token|apikey|accesskey|secretkey|privatekey|credentials?)$/i;

/** Last words of a name that make it one of something else: what a key is called, how long a token lives, where a file lies. */
const harmless =
  /^([a-z]*names?|ids?|[a-z]*files?|[a-z]*paths?|urls?|expires|expiry|ms|at|env|counts?|max|size|length|algorithm|types?|kind)$/i;

/** Whether what stands under this name (a variable, a header, a field, a parameter) is a secret as a rule. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  const isSecret = (word: string): boolean => secretWord.test(word) || secretEnd.test(word);
  return words.some(isSecret) && !(words.length > 1 && harmless.test(last) && !isSecret(last));
}

/** Whether the value of an environment's variable is a secret as a rule. `PWD` is the folder that a shell is in. */
export function isSecretVariable(name: string): boolean {
  return name !== 'PWD' && isSecretName(name);
}
