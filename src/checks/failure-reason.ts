import { messageOf, systemCode } from '../errors.ts';
import type { Text } from '../spec/text.ts';

/** Why something did not answer, and what to do. */
export type Failure = {
  readonly text: Text;
  readonly fix: Text;
  /** Code of the system or of OpenSSL, where there is one. */
  readonly code?: string;
};

const reasons: Readonly<Record<string, Text>> = {
  ECONNREFUSED: { en: 'the connection is refused: nothing listens there', ru: 'соединение отклонено: там ничто не слушает' },
  ENOTFOUND: { en: 'the name has no address', ru: 'у этого имени нет адреса' },
  EAI_AGAIN: { en: 'the name server does not answer', ru: 'сервер имён не отвечает' },
  ETIMEDOUT: { en: 'no answer', ru: 'нет ответа' },
  ECONNRESET: { en: 'the other side has closed the connection', ru: 'другая сторона закрыла соединение' },
  EPIPE: { en: 'the other side has closed the connection', ru: 'другая сторона закрыла соединение' },
  EHOSTUNREACH: { en: 'there is no way to that machine', ru: 'нет пути к этой машине' },
  ENETUNREACH: { en: 'there is no way to that network', ru: 'нет пути к этой сети' },
  EADDRNOTAVAIL: { en: 'this machine has no such address', ru: 'у этой машины нет такого адреса' },
  ENOENT: { en: 'there is no such socket', ru: 'такого сокета нет' },
  HPE_HEADER_OVERFLOW: { en: 'the head of the answer is too long', ru: 'заголовки ответа слишком длинные' },
  ERR_SSL_WRONG_VERSION_NUMBER: { en: 'what listens there does not speak TLS', ru: 'то, что там слушает, не говорит на TLS' },
  EPROTO: { en: 'the TLS handshake fails', ru: 'рукопожатие TLS не удаётся' },
};

const certificates: Readonly<Record<string, Failure>> = {
  CERT_HAS_EXPIRED: {
    text: { en: 'the certificate has expired', ru: 'срок действия сертификата истёк' },
    fix: { en: 'renew the certificate, and have it renewed by itself', ru: 'обновите сертификат и настройте автообновление' },
  },
  CERT_NOT_YET_VALID: {
    text: { en: 'the certificate is not valid yet', ru: 'срок действия сертификата ещё не начался' },
    fix: {
      en: 'look at the clocks of both machines, or wait until the certificate begins',
      ru: 'проверьте часы обеих машин или дождитесь начала срока сертификата',
    },
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    text: { en: 'the certificate is for another name', ru: 'сертификат выдан на другое имя' },
    fix: {
      en: 'get a certificate for this name, or say which name it has: serverName',
      ru: 'получите сертификат на это имя или укажите имя из него: serverName',
    },
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    text: { en: 'the certificate is self-signed', ru: 'сертификат самоподписанный' },
    fix: {
      en: 'get a certificate of an authority that is trusted, or name this one: ca',
      ru: 'получите сертификат доверенного удостоверяющего центра или укажите этот: ca',
    },
  },
};

const untrusted: Failure = {
  text: {
    en: 'the certificate is not signed by an authority that is trusted',
    ru: 'сертификат не подписан доверенным удостоверяющим центром',
  },
  fix: {
    en: 'have the server send its whole chain, or name the authority that signed it: ca',
    ru: 'настройте сервер отдавать всю цепочку или укажите удостоверяющий центр: ca',
  },
};

/** What is wrong with a certificate, by the code of OpenSSL or Node; null: the code is about something else. */
export function certificateFailure(code: string): Failure | null {
  if (certificates[code]) return certificates[code];
  return /^(SELF_SIGNED|UNABLE_TO|CERT_|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT|HOSTNAME_MISMATCH|EE_KEY|CA_MD)/.test(code)
    ? untrusted
    : null;
}

/** Why a connection, or what came over it, has failed; `place` is what was asked. */
export function failureOf(error: unknown, place: string): Failure {
  const code = systemCode(error) ?? '';
  const certificate = certificateFailure(code);
  if (certificate) return { ...certificate, code };
  return { text: reasons[code] ?? messageOf(error).slice(0, 300), fix: reachable(place), code };
}

/** Nothing came within the time. */
export function lateness(ms: number, place: string): Failure {
  return { text: { en: `no answer within ${ms} ms`, ru: `нет ответа за ${ms} мс` }, fix: reachable(place) };
}

function reachable(place: string): Text {
  return {
    en: `see that what listens at ${place} runs and answers, and that this machine is let through to it (firewall, network policy)`,
    ru: `проверьте, что ${place} работает и отвечает, и что доступ с этой машины открыт (файрвол, сетевые политики)`,
  };
}
