import { z } from 'zod';

const logger = 'http.handlers.reverse_proxy';

const Log = z.looseObject({
  level: z.string().optional(),
  writer: z.looseObject({ output: z.string(), filename: z.string().optional() }).optional(),
  encoder: z.looseObject({ format: z.string(), wrap: z.looseObject({ format: z.string() }).optional() }).optional(),
  sampling: z.unknown().optional(),
  include: z.array(z.string()).optional(),
  exclude: z.array(z.string()).optional(),
});

/** Why this file does not get a line for each attempt; null: it does. `logs` is Caddy's `logging.logs`. */
export function logProblem(logs: unknown, file: string): string | null {
  const found = Object.entries(typeof logs === 'object' && logs !== null ? logs : {}).flatMap(([name, log]) => {
    const { data } = Log.safeParse(log);
    return data?.writer?.output === 'file' && data.writer.filename === file ? [{ name, ...data }] : [];
  });
  const [log] = found;
  if (!log) return `no log of its configuration is written to ${file}`;
  if (log.level?.toUpperCase() !== 'DEBUG') return `the level of its log ${log.name} is not DEBUG`;
  const isIn = (list: readonly string[]) => list.some((name) => logger === name || logger.startsWith(`${name}.`));
  if ((log.include && !isIn(log.include)) || isIn(log.exclude ?? [])) return `its log ${log.name} leaves ${logger} out`;
  if (log.sampling !== undefined) return `its log ${log.name} takes samples only`;
  const format = log.encoder?.format === 'filter' ? log.encoder.wrap?.format : log.encoder?.format;
  return format === 'json' ? null : `its log ${log.name} does not say "format": "json"`;
}

/** A log that does, without the headers of requests and answers. */
export function logSnippet(file: string): string {
  return JSON.stringify({
    rampart: {
      level: 'DEBUG',
      include: [logger],
      writer: { output: 'file', filename: file, roll_size_mb: 50, roll_keep: 2 },
      encoder: {
        format: 'filter',
        wrap: { format: 'json' },
        fields: { 'request>headers': { filter: 'delete' }, headers: { filter: 'delete' } },
      },
    },
  });
}
