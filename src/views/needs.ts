import type { Language } from '../analysis/sentence.ts';
import { barrierAt } from '../release/barrier.ts';
import { causeText, heldText } from '../release/reason.ts';
import { endReason } from '../release/summary.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';
import type { Health } from './health.ts';

/** What a service needs a person for. */
export const needKinds = ['rollback-failed', 'unhealthy', 'approval', 'held', 'paused', 'rolled-back', 'rejected'] as const;
export type Need = {
  readonly kind: (typeof needKinds)[number];
  /** One sentence without a full stop. */
  readonly sentence: string;
  /** The release that it is about; null: the service itself. */
  readonly release: string | null;
};

/** How long the end of a release that somebody has to look into is among what needs a person, unless another release begins. */
const unseenMs = 24 * 3_600_000;

/** What the service needs a person for at a moment (unix milliseconds), the most urgent first. */
export function needs(state: ServiceState, { level, reasons }: Health, nowMs: number, language: Language): readonly Need[] {
  const { live } = state;
  const found: Need[] = live ? ofLive(live, language) : [];
  const isTold = found.some(({ kind }) => kind === 'rollback-failed');
  if (level === 'critical' && !isTold) found.push({ kind: 'unhealthy', sentence: reasons[0] ?? '', release: null });
  if (!live) found.push(...ofLast(state.ended[0], nowMs, language));
  return found.toSorted((a, b) => needKinds.indexOf(a.kind) - needKinds.indexOf(b.kind));
}

function ofLive(release: ReleaseState, language: Language): Need[] {
  const { phase, version } = release;
  const need = (kind: Need['kind'], sentence: string): Need[] => [{ kind, sentence, release: release.id }];
  const text = texts[language];
  switch (phase.kind) {
    case 'awaiting-approval':
      return need('approval', text.approval(version));
    case 'held':
      return need('held', text.held(version, heldText(release, language) ?? ''));
    case 'rolling-back':
      if (phase.part === 'decide') return need('held', text.held(version, heldText(release, language) ?? ''));
      return phase.failing
        ? need(
            'rollback-failed',
            text.failing[phase.part === 'database' ? 'database' : 'route'](version, causeText(release, phase.cause, language)),
          )
        : [];
    case 'stepping':
      // A release at a barrier waits for other releases, not for a person.
      if (phase.part.kind === 'asking' && barrierAt(release) === null) return need('approval', text.approval(version));
      // A pause with an end goes on alone.
      return phase.part.kind === 'waiting' && phase.part.asked ? need('paused', text.paused(version)) : [];
    default:
      return [];
  }
}

/** What somebody has ended by hand, they know of. */
function ofLast(last: ReleaseState | undefined, nowMs: number, language: Language): readonly Need[] {
  if (last?.phase.kind !== 'ended' || nowMs - last.phase.atMs >= unseenMs || last.cause?.by === 'operator') return [];
  const { outcome } = last.phase;
  if (outcome !== 'rolled-back' && outcome !== 'rejected') return [];
  const reason = endReason(last, last.phase, language).replace(/\.$/, '');
  const sentence =
    outcome === 'rejected' ? texts[language].rejected(last.version, reason) : texts[language].back(last.version, reason);
  return [{ kind: outcome, sentence, release: last.id }];
}

type Texts = {
  readonly approval: (version: string) => string;
  readonly held: (version: string, why: string) => string;
  readonly paused: (version: string) => string;
  readonly failing: Readonly<Record<'route' | 'database', (version: string, why: string) => string>>;
  readonly back: (version: string, why: string) => string;
  readonly rejected: (version: string, why: string) => string;
};

const texts: Readonly<Record<Language, Texts>> = {
  en: {
    approval: (version) => `${version} waits for an approval`,
    held: (version, why) => `${version} is held: ${why}`,
    paused: (version) => `${version} is paused until somebody resumes it`,
    failing: {
      route: (version, why) => `the router does not confirm the way back from ${version}, which goes back because: ${why}`,
      database: (version, why) => `the database does not go back from ${version}, which goes back because: ${why}`,
    },
    back: (version, why) => `${version} was taken back: ${why}`,
    rejected: (version, why) => `${version} was rejected: ${why}`,
  },
  ru: {
    approval: (version) => `${version} ждёт одобрения`,
    held: (version, why) => `выпуск ${version} приостановлен: ${why}`,
    paused: (version) => `выпуск ${version} стоит на паузе, пока его не продолжат`,
    failing: {
      route: (version, why) => `маршрутизатор не подтверждает возврат с ${version}; причина возврата: ${why}`,
      database: (version, why) => `база данных не возвращается с ${version}; причина возврата: ${why}`,
    },
    back: (version, why) => `${version} снята с трафика: ${why}`,
    rejected: (version, why) => `выпуск ${version} отклонён: ${why}`,
  },
};
