import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { NarrationView } from '../../views/narration-view.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes, print } from '../output.ts';
import { localTimeText } from '../table.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption & { readonly why: string; readonly wait: boolean };

/** How often it is looked whether the narration is there, and for how long: longer than any answer may take. */
const lookMs = 500;
const waitMaxMs = 150_000;

/** `incidents narrate`: the events of an incident in the words of a model. */
export function narrateCommand(incidents: Command): void {
  withLanguage(
    withCommon(
      incidents
        .command('narrate <id>')
        .description('have the events of an incident narrated by the model of the setup, and print what stood up to the check')
        .option('--why <text>', 'reason, for the record', '')
        .option('--no-wait', 'ask for it, and do not wait until it is there'),
    ),
  ).action(
    action(async (id: string, options: Options) => {
      const api = await controllerOf(options.data);
      const { why, wait, lang } = options;
      const spoken = languageOf(options);
      const body = { by: api.by, why, ...(lang === undefined ? {} : { language: spoken }) };
      const path = `/incidents/${encodeURIComponent(id)}/narration${queryOf({ lang: spoken })}`;
      const { done, said } = await api.post<{ done: boolean; said: string }>(path, body);
      if (!wait || !done) {
        print(options.json === true, { id, done, said }, said);
        return done ? exitCodes.done : exitCodes.no;
      }
      const view = await written(api, path);
      print(options.json === true, { id, ...view }, narrationText(view) ?? 'it is being written; look again later');
      return view.pending === null && view.failure === null ? exitCodes.done : exitCodes.no;
    }),
  );
}

async function written(api: ApiClient, path: string): Promise<NarrationView> {
  const untilMs = Date.now() + waitMaxMs;
  for (;;) {
    const view = await api.get<NarrationView>(path);
    if (view.pending === null || Date.now() > untilMs) return view;
    await delay(lookMs);
  }
}

/** What was narrated, in the reader's time zone, clearly apart from what is proven; null: nothing. */
export function narrationText({ narration, failure, pending, leftOut }: NarrationView): string | null {
  const lines: string[] = [];
  if (pending) lines.push(`a narration is being written by ${pending.model}, asked for by ${pending.by}`);
  if (failure) lines.push(`no narration: ${failure.why}`);
  if (narration) {
    const { model, atMs, sentences } = narration;
    lines.push(
      `narration written by model ${model}, ${localTimeText(atMs)}, from the events that it cites; not proven`,
      ...sentences.map(({ text, seqs }) => `  ${text} (${seqs.map((seq) => `#${seq}`).join(', ')})`),
    );
    if (leftOut !== '') lines.push(`  left out: ${leftOut}`);
  }
  return lines.length === 0 ? null : lines.join('\n');
}
