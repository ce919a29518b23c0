/** How a process ended, as far as anybody saw it. */
export type End =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** Its exit code went to another process: an earlier controller had started it. */
  | { readonly kind: 'unseen' }
  /** It ended while no controller was running. */
  | { readonly kind: 'lost' }
  /** Rampart ended it, for this reason, to start it again. */
  | { readonly kind: 'restarted'; readonly reason: string };

const lineMax = 200;

/**
 * One line for people: `exit code 1 after 0.3 s: Error: no such table`.
 *
 * @param livedMs - How long it lived, in ms; `null` when nobody knows.
 * @param output - The last lines that it wrote in this life.
 */
export function endText(end: End, livedMs: number | null, output: readonly string[]): string {
  const line = tellingLine(output);
  return `${howText(end)}${livedMs === null ? '' : ` after ${livedText(livedMs)}`}${line === undefined ? '' : `: ${line}`}`;
}

/** A line without control characters, which could move the cursor or colour the terminal of whoever reads it. Tabs become spaces. */
export function printable(line: string): string {
  return (
    line
      .replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g, '')
      .replace(/\t/g, ' ')
      // Also the marks that reorder or hide text: U+200B–200F, 202A–202E, 2066–2069 and the line separators.
      .replace(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '')
  );
}

/**
 * The line of a process's last output that says most about why it ended: the last one that names an error, else the last one that is
 * neither a frame of a stack trace nor the version that Node prints below it. At most 200 characters.
 */
export function tellingLine(output: readonly string[]): string | undefined {
  const lines = output.map((line) => printable(line).trim()).filter((line) => line !== '' && !isNoise(line));
  const line =
    lines.findLast((candidate) => /\b\w*(?:Error|Exception)\b(?: \[\w+\])?:|^(?:panic|fatal)\b/i.test(candidate)) ?? lines.at(-1);
  return line !== undefined && line.length > lineMax ? `${line.slice(0, lineMax - 1)}…` : line;
}

function isNoise(line: string): boolean {
  return /^at .+|^Node\.js v\d|^[\^{}[\]()~\s]+$/.test(line);
}

function howText(end: End): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}`;
    case 'signal':
      return `killed by ${end.signal}`;
    case 'unseen':
      return 'ended (exit code not known, because an earlier controller had started it)';
    case 'lost':
      return 'ended while no controller was running';
    case 'restarted':
      return `restarted because the ${end.reason}`;
  }
}

function livedText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} days`;
}
