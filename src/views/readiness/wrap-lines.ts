/**
 * Breaks a text at spaces into lines of so many columns, the first behind a label. A word that is longer, such as an address, stays
 * whole, so that it can be copied.
 *
 * @param indent - Columns before the other lines; as a rule the length of the label.
 */
export function wrapLines(label: string, text: string, width: number, indent = label.length): readonly string[] {
  const lines: string[] = [];
  let line = label;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}
