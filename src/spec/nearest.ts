/**
 * The candidate that was probably meant by a mistyped word: fewest edits (a swap of neighbours is one), at most a third of its
 * letters and never all of them. `undefined` when nothing is near; of equals the first.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Documents are full of long texts that are no keys; comparing those costs time and never finds anything.
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const length = Math.max(word.length, candidate.length);
    const allowed = Math.max(1, Math.floor(length / 3));
    const edits = sameBut(word, candidate) ? 0.5 : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits <= allowed && edits < length && edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Candidates by how little they differ from a word, those that differ as much in their order. Only the beginning of long texts counts. */
export function nearestFirst(word: string, candidates: readonly string[]): readonly string[] {
  const short = (text: string): string => text.slice(0, 64).toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, edits: editDistance(short(word), short(candidate)) }))
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** Whether only case and separators differ: `min_requests`, `min-requests`, `MinRequests`. */
function sameBut(a: string, b: string): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/[-_ .]/g, '');
  return bare(a) === bare(b) && bare(a) !== '';
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
