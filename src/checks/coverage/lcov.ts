import { type Count, type Counts, NotAReport } from './counts.ts';

type Part = { instrumented: number; hit: number; details: readonly { line: number; hit: number }[] };

/**
 * What a trace file of lcov counts in all. A source that stands in it several times, once for each run, counts once.
 *
 * @throws NotAReport when it is cut off, or counts more than there is.
 * @see geninfo(1), "FILES"
 */
export async function lcovCounts(text: string): Promise<Counts> {
  const { default: parsed } = await import('@friedemannsommer/lcov-parser/sync');
  if (!/(^|\n)end_of_record\s*$/.test(text)) throw new NotAReport('it is cut off: its last line is not end_of_record');
  const bad = /^(?:DA:(?!\d+,-?\d+(?:,|\r?$))|(?:LF|LH|BRF|BRH|FNF|FNH):(?!\d+\r?$)).*$/m.exec(text);
  if (bad) throw new NotAReport(`a line of it cannot be read: ${bad[0].slice(0, 80).trim()}`);
  const sections = parsed({ from: text });
  const total = (kind: 'lines' | 'branches' | 'functions', key: (detail: never) => string): Count | null => {
    const byFile = new Map<string, Map<string, number>>();
    let covered = 0;
    let of = 0;
    for (const section of sections) {
      const part = section[kind] as Part;
      if (part.details.length === 0) {
        covered += part.hit;
        of += part.instrumented;
        continue;
      }
      const file = byFile.get(section.path) ?? new Map<string, number>();
      byFile.set(section.path, file);
      for (const detail of part.details) {
        const name = key(detail as never);
        file.set(name, Math.max(file.get(name) ?? 0, detail.hit));
      }
    }
    for (const file of byFile.values()) {
      of += file.size;
      for (const hit of file.values()) if (hit > 0) covered += 1;
    }
    if (covered > of) throw new NotAReport(`it counts ${covered} of ${of} ${kind}`);
    return of === 0 ? null : { covered, of };
  };
  return {
    lines: total('lines', ({ line }: { line: number }) => String(line)),
    branches: total(
      'branches',
      (one: { line: number; block: number; branch: string }) => `${one.line} ${one.block} ${one.branch}`,
    ),
    functions: total('functions', (one: { line: number; name: string }) => `${one.line} ${one.name}`),
  };
}
