/** The words of a text as part of a name: small letters and digits, with a dash between words. Empty: it has none. */
export function label(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
