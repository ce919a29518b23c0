/** Fewest and most characters of a password. The upper bound only keeps somebody from sending a megabyte to be hashed. */
export const passwordMin = 12;
export const passwordMax = 200;

/**
 * Why this cannot be the password of a user, in one sentence; null when it can. Length is what counts; which characters it has is
 * nobody's business.
 *
 * @see NIST SP 800-63B, 3.1.1.2: length, no rules of composition, no expiry.
 */
export function passwordRefusal(name: string, password: string): string | null {
  const length = [...password].length;
  if (length < passwordMin) return `a password has at least ${passwordMin} characters`;
  if (length > passwordMax) return `a password has at most ${passwordMax} characters`;
  if (new Set(password).size < 5) return 'a password has at least 5 different characters';
  return password.toLowerCase() === name ? 'the name is no password' : null;
}
