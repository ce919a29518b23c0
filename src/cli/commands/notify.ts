import type { Command } from 'commander';
import type { HandOverView, MessageView, ReceiverView } from '../../views/notification-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes, print } from '../output.ts';
import { localTimeText, table } from '../table.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;
type Answer = {
  readonly receivers: readonly ReceiverView[];
  readonly messages: readonly MessageView[];
  readonly handedOver: readonly HandOverView[];
};

/** `notify`: receivers, what waits for them, and a test of one. */
export function notifyCommands(program: Command): void {
  const notify = program.command('notify').description('receivers of messages, what waits for them and why, and a test of one');
  const command = (name: string, description: string): Command =>
    withLanguage(withCommon(notify.command(name).description(description)));

  command('list', 'list the receivers and how they take messages').action(
    action(async (options: Options) => {
      const { receivers, handedOver } = await read(options, { limit: 1 });
      print(options.json === true, { receivers, handedOver }, listText(receivers, handedOver));
      return undefined;
    }),
  );

  command('outbox', 'list what waits to be sent and why, and what became of the last messages')
    .option('--notifier <name>', 'only those of one receiver')
    .option('--incident <id>', 'only those of one incident')
    .option('--release <id>', 'only those of one release')
    .option('--limit <count>', 'how many, up to 2000', '50')
    .action(
      action(async ({ notifier, incident, release, limit, ...options }: Options & Filter) => {
        const { messages } = await read(options, { limit, notifier, incident, release });
        print(options.json === true, { messages }, outboxText(messages));
        return undefined;
      }),
    );

  command('test <notifier>', 'send a message to a receiver, and say what it answers; exit code 1: it has not taken it')
    .option('--to <address>', 'another address of it, as a contact names one')
    .action(
      action(async (notifier: string, options: Options & { to?: string }) => {
        const api = await controllerOf(options.data);
        const body = { notifier, by: api.by, ...(options.to === undefined ? {} : { to: options.to }) };
        const message = await api.post<MessageView>(`/notifications/test${queryOf({ lang: languageOf(options) })}`, body);
        print(options.json === true, message, `${notifier}: ${message.state}${message.said === '' ? '' : `: ${message.said}`}`);
        return message.state === 'delivered' ? exitCodes.done : exitCodes.no;
      }),
    );
}

type Filter = { readonly notifier?: string; readonly incident?: string; readonly release?: string; readonly limit: string };

async function read(options: Options, query: Readonly<Record<string, string | number | undefined>>): Promise<Answer> {
  const api = await controllerOf(options.data);
  return await api.get<Answer>(`/notifications${queryOf({ ...query, lang: languageOf(options) })}`);
}

function listText(receivers: readonly ReceiverView[], handedOver: readonly HandOverView[]): string {
  if (receivers.length === 0)
    return 'no receiver; write Notifier documents and put them into force with `rampart incidents apply FILE`';
  const rows = receivers.map(({ name, kind, waiting, problem, pausedUntilMs, lastSentAtMs }) => [
    name,
    kind,
    waiting === 0 ? '' : `${waiting} waiting`,
    lastSentAtMs === null ? 'nothing sent yet' : `sent ${localTimeText(lastSentAtMs)}`,
    problem === null ? '' : `${problem}${pausedUntilMs === null ? '' : ` (until ${localTimeText(pausedUntilMs)})`}`,
  ]);
  const left = handedOver.map(
    ({ notifier, to, title, why }) => `end by hand at ${notifier}${to === null ? '' : ` ${to}`}: ${title} (${why})`,
  );
  return [table(rows), ...left].join('\n');
}

function outboxText(messages: readonly MessageView[]): string {
  if (messages.length === 0) return 'nothing waits, and nothing was sent';
  return table(
    messages.map(({ state, notifier, to, severity, event, title, said, attempts, queuedAtMs }) => [
      state,
      localTimeText(queuedAtMs),
      to === null ? notifier : `${notifier} ${to}`,
      severity,
      event,
      title,
      [said, attempts > 1 ? `${attempts} tries` : ''].filter((text) => text !== '').join(', '),
    ]),
  );
}
