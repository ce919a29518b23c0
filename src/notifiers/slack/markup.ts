const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text as Slack's markup has it: these three signs alone are written as entities, another entity would be shown as it is. */
export function escapedForSlack(text: string): string {
  return text.replace(/[&<>]/g, (sign) => entities[sign] ?? sign);
}

/** How much a character takes then. */
export function slackSize(character: string): number {
  return escapedForSlack(character).length;
}
