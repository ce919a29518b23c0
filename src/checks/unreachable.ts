import { messageOf, systemCode } from '../errors.ts';
import type { Text } from '../spec/text.ts';
import { tlsFailure } from '../system/http-exchange.ts';
import type { Answer } from './answers.ts';

const reasons: Readonly<Record<string, { readonly en: string; readonly ru: string }>> = {
  ECONNREFUSED: { en: 'the connection is refused: nothing listens there', ru: 'соединение отклонено: там ничто не слушает' },
  ENOTFOUND: { en: 'the name has no address', ru: 'у этого имени нет адреса' },
  EAI_AGAIN: { en: 'the name server does not answer', ru: 'сервер имён не отвечает' },
  ETIMEDOUT: { en: 'no answer', ru: 'нет ответа' },
  ECONNRESET: { en: 'the other side has closed the connection', ru: 'другая сторона закрыла соединение' },
  EPIPE: { en: 'the other side has closed the connection', ru: 'другая сторона закрыла соединение' },
  EHOSTUNREACH: { en: 'there is no way to that machine', ru: 'нет пути к этой машине' },
  ENETUNREACH: { en: 'there is no way to that network', ru: 'нет пути к этой сети' },
  EADDRNOTAVAIL: { en: 'this machine has no such address', ru: 'у этой машины нет такого адреса' },
  HPE_HEADER_OVERFLOW: { en: 'the head of the answer is too long', ru: 'заголовки ответа слишком длинные' },
  ERR_SSL_WRONG_VERSION_NUMBER: { en: 'what listens there does not speak TLS', ru: 'то, что там слушает, не говорит на TLS' },
  EPROTO: { en: 'the TLS handshake fails', ru: 'рукопожатие TLS не удаётся' },
  ENOENT: { en: 'there is no such socket', ru: 'такого сокета нет' },
};

/** What a program or a library says of an error, as a part of a sentence: its first line, without the full stop. */
export function said(error: unknown): string {
  const [line = ''] = messageOf(error).trim().split('\n');
  return line.slice(0, 300).replace(/[.\s]+$/, '') || 'an error without a message';
}

/** Why something cannot be reached, in a few words. */
export function reasonText(error: unknown): Text {
  return reasons[systemCode(error) ?? ''] ?? said(error);
}

/**
 * A server that cannot be reached, or whose certificate is not trusted: `fail`.
 *
 * @param server - Its address, without a password.
 * @param withinMs - For how long it was waited for, where that is why; null: it is not.
 */
export function unreachable(server: string, error: unknown, withinMs: number | null = null): Answer {
  const tls = tlsFailure(error, server, 'tls');
  return {
    status: 'fail',
    found:
      withinMs !== null
        ? { en: `no answer within ${withinMs} ms`, ru: `нет ответа за ${withinMs} мс` }
        : tls
          ? { en: said(tls.what), ru: `TLS: ${said(error)}` }
          : reasonText(error),
    expected: { en: 'an answer', ru: 'ответ' },
    fix: tls
      ? {
          en: 'renew its certificate, or name the authority (ca) that signed it',
          ru: 'обновите его сертификат или укажите удостоверяющий центр (ca), который его подписал',
        }
      : {
          en: `start what listens at ${server}, or let this machine through to it (firewall, network policy)`,
          ru: `запустите то, что слушает ${server}, или откройте к нему доступ с этой машины (файрвол, сетевые политики)`,
        },
  };
}
