import { TLSSocket } from 'node:tls';
import { hostPort } from '../../spec/host-port.ts';
import type { Text } from '../../spec/text.ts';
import { authorities, certificatePoints, daysLeft, shownCertificate } from '../certificate.ts';
import { defineCheck } from '../check.ts';
import { failureOf, lateness } from '../failure-reason.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { type Dialogue, dialogue, Refused } from './dialogue.ts';
import { SmtpConfig } from './schema.ts';

/** A mail server that would take mail. */
export const smtp = defineCheck({
  title: { en: 'Mail server (SMTP)', ru: 'Почтовый сервер (SMTP)' },
  schema: SmtpConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const place = hostPort(config);
    const password = config.auth ? context.secret(config.auth.password) : '';
    const ca = authorities(config.ca, context.folder);
    const timeout = AbortSignal.timeout(config.within);
    const either = AbortSignal.any([context.signal, timeout]);
    const points: Finding[] = [];
    const figures: Record<string, number> = {};
    const startMs = performance.now();
    let talk: Dialogue | undefined;
    try {
      talk = await dialogue(config, ca, either);
      figures.greetingMs = Math.round(performance.now() - startMs);
      points.push({ status: 'pass', text: { en: 'the server answers', ru: 'сервер отвечает' } });
      if (config.secure !== 'none') points.push(...encrypted(config, talk, context.now(), figures));
      // A password is told to nobody whose name is not proven.
      const isTrusted = points.every(({ status }) => status !== 'fail');
      if (config.auth && isTrusted) {
        await talk.login(config.auth.user, password, config.auth.method);
        points.push({ status: 'pass', text: { en: `${config.auth.user} is let in`, ru: `вход ${config.auth.user} выполнен` } });
      }
      if (config.sender !== undefined && isTrusted) {
        await talk.sender(config.sender);
        points.push({ status: 'pass', text: { en: `${config.sender} may send`, ru: `отправитель ${config.sender} принят` } });
      }
    } catch (error) {
      context.signal.throwIfAborted();
      points.push({ status: 'fail', ...reasonOf(error, config, place, password, timeout.aborted) });
    } finally {
      talk?.close();
    }
    return resultOf(place, expectedOf(config), points, figures);
  },
});

function encrypted(config: SmtpConfig, { socket }: Dialogue, nowMs: number, figures: Record<string, number>): readonly Finding[] {
  const name = config.serverName ?? config.host;
  if (!(socket instanceof TLSSocket))
    return [
      {
        status: 'fail',
        text: { en: 'the connection is not encrypted', ru: 'соединение не зашифровано' },
        fix: { en: 'turn STARTTLS on in the server', ru: 'включите STARTTLS на сервере' },
      },
    ];
  const shown = shownCertificate(socket, name);
  if (shown) figures.daysLeft = daysLeft(shown, nowMs);
  return [{ status: 'pass', text: `${socket.getProtocol()}` }, ...certificatePoints(shown, name, config, nowMs)];
}

function reasonOf(
  error: unknown,
  config: SmtpConfig,
  place: string,
  password: string,
  isLate: boolean,
): Pick<Finding, 'text'> & { fix: Text } {
  if (isLate) return lateness(config.within, place);
  if (!(error instanceof Refused)) return failureOf(error, place);
  const { command } = error;
  const said = withoutPassword(error.message, config.auth?.user ?? '', password);
  if (command === 'STARTTLS')
    return {
      text: { en: `STARTTLS is not offered: ${said}`, ru: `STARTTLS не предлагается: ${said}` },
      fix: {
        en: 'turn STARTTLS on in the server, or use its port for TLS (secure: tls)',
        ru: 'включите STARTTLS на сервере или используйте порт TLS (secure: tls)',
      },
    };
  if (command.startsWith('AUTH'))
    return {
      text: { en: `${config.auth?.user} is not let in: ${said}`, ru: `вход ${config.auth?.user} отклонён: ${said}` },
      fix: {
        en: 'look at user and password, and at how one may sign in there',
        ru: 'проверьте имя, пароль и разрешённые способы входа',
      },
    };
  if (command === 'MAIL FROM')
    return {
      text: { en: `${config.sender} may not send: ${said}`, ru: `отправитель ${config.sender} отклонён: ${said}` },
      fix: {
        en: 'let the service send as this address, or name another',
        ru: 'разрешите сервису этого отправителя или укажите другого',
      },
    };
  return {
    text: { en: `${command} is refused: ${said}`, ru: `${command} отклонён: ${said}` },
    fix: {
      en: 'see that a mail server listens there, and that it takes mail from this machine',
      ru: 'проверьте, что там почтовый сервер и что он принимает почту с этой машины',
    },
  };
}

/** What a server has said in one line, without what it must not repeat. */
function withoutPassword(said: string, user: string, password: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  // As PLAIN sends it, which ends as LOGIN may, and so comes first; as it is; as LOGIN sends it.
  const forms = password === '' ? [] : [base64(`\0${user}\0${password}`), password, base64(password)];
  return forms
    .reduce((text, form) => text.replaceAll(form, '***'), said)
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim()
    .slice(0, 300);
}

function expectedOf({ secure, auth, sender }: SmtpConfig): Text {
  const en = [
    'an answer',
    ...(secure === 'none' ? [] : ['a connection that is encrypted']),
    ...(auth ? [`${auth.user} let in`] : []),
    ...(sender === undefined ? [] : [`${sender} accepted`]),
  ];
  const ru = [
    'ответ сервера',
    ...(secure === 'none' ? [] : ['шифрование']),
    ...(auth ? [`вход ${auth.user}`] : []),
    ...(sender === undefined ? [] : [`отправитель ${sender}`]),
  ];
  return { en: en.join(', '), ru: ru.join(', ') };
}
