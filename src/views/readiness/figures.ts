/** A moment (Unix ms) to the minute: 2026-11-28 22:10 UTC. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A score with one decimal; a dash where there is none. */
export function scoreText(score: number | null): string {
  return score === null ? '–' : score.toFixed(1);
}

/** A figure with three decimals at most. */
export function figureText(value: number): string {
  return String(Number(value.toFixed(3)));
}
