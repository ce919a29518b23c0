/** Commands of terminals: `ESC [ … letter`, and titles of windows. */
const terminalCommand = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)/g;
/** What moves a cursor, or turns the direction of what follows: a report must not read otherwise than it says. */
const invisible = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
/** Half of a character, which no file of text may have. */
const loneHalf = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g;

/** A text of somebody else as one line that can be shown anywhere. */
export function cleanText(text: string): string {
  return text.replace(terminalCommand, '').replace(invisible, ' ').replace(loneHalf, '\ufffd').trim();
}
