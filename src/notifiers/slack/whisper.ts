import { messageOf } from '../../errors.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import { textIn } from '../../spec/text.ts';
import type { NotifierTools } from '../notifier.ts';
import { refused } from '../post.ts';
import { readSecrets } from '../secrets.ts';
import { cut, oneLine } from '../texts.ts';
import { askSlack } from './api.ts';
import type { Whisper } from './inbound.ts';
import { escapedForSlack, slackSize } from './markup.ts';

/** Longest that it is tried, and longest text. */
const whisperMs = 10_000;
const textMax = 2_000;

/** Tells by `chat.postEphemeral`, which only the one who asked sees, and which is gone with their next start of Slack. */
export function whispering(
  { token, api, within }: { readonly token: NamedSecret; readonly api: string; readonly within: number },
  tools: NotifierTools,
): Whisper {
  return async (channel, { asked, said, language }) => {
    const found = await readSecrets(tools, { token });
    if (found.kind !== 'secrets') return found.said;
    const text = escapedForSlack(cut(oneLine(textIn(said, language ?? 'en')), textMax, slackSize));
    const access = { api, token: found.values.token, withinMs: within };
    const body = { channel, user: asked.person, text, mrkdwn: false };
    const answer = await askSlack(access, 'chat.postEphemeral', body, AbortSignal.timeout(whisperMs)).catch((error: unknown) =>
      refused(messageOf(error)),
    );
    if (answer.kind === 'yes') return null;
    return answer.kind === 'no' ? answer.outcome.said : answer.said;
  };
}
