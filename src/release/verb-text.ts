import type { Language } from '../analysis/sentence.ts';
import type { Outcome, ReleaseState, Restart, Verb } from './types.ts';
import { awaitedMigration } from './undo.ts';

/** Why a verb does nothing, in the words of each language. */
type Refusals = {
  readonly ended: (id: string, outcome: Outcome, verb: Verb, why: string | null) => string;
  readonly queued: (id: string) => string;
  readonly unknown: (id: string, service: string) => string;
  readonly committed: (version: string) => string;
  readonly goingBack: (why: string) => string;
  readonly paused: string;
  readonly notYetPaused: string;
  readonly goesOnAlone: (why: string) => string;
  readonly peopleDecide: string;
  readonly notPaused: string;
  readonly notAsked: string;
  readonly ownRelease: (by: string) => string;
  readonly notYetPromoted: string;
  readonly hookRuns: string;
  readonly promoted: string;
  readonly retryPaused: string;
  readonly nothingWaits: string;
  readonly barrier: (group: string) => string;
  readonly gateReason: string;
};

export const refusals: Readonly<Record<Language, Refusals>> = {
  en: {
    ended: (id, outcome, verb, why) =>
      `release ${id} has ended (${outcome}); ${verb} does nothing any more${why === null ? '' : `. It went back because: ${why}`}`,
    queued: (id) => `release ${id} waits for another release; only abort is possible`,
    unknown: (id, service) => `there is no release ${id} of ${service}`,
    committed: (version) => `${version} is stable already; use rollback to bring an earlier version back`,
    goingBack: (why) => `it is going back already: ${why}`,
    paused: 'it is paused already',
    notYetPaused: 'it can be paused once its first step has begun',
    goesOnAlone: (why) => `it goes on alone when it can (${why}); promote goes on without waiting`,
    peopleDecide: 'the database cannot go back, so it is for people: promote goes on, abort takes the traffic back all the same',
    notPaused: 'it is not paused',
    notAsked: 'it does not wait for an approval',
    ownRelease: (by) => `${by} has started it, so another has to approve it`,
    notYetPromoted: 'it can be promoted once its first step has begun',
    hookRuns: 'a hook is running; promote when it has ended, or abort',
    promoted: 'it is being promoted already',
    retryPaused: 'it is paused; resume goes on',
    nothingWaits: 'nothing in it waits for another try',
    barrier: (group) => `only its group ${group} lets it go on, once all of the group are ready; abort is always possible`,
    gateReason: 'a checklist is not ready: going on all the same needs a reason, for the record',
  },
  ru: {
    ended: (id, outcome, verb, why) =>
      `выпуск ${id} уже закончился (${outcome}); ${verb} ничего не меняет${why === null ? '' : `. Причина возврата: ${why}`}`,
    queued: (id) => `выпуск ${id} ждёт другого выпуска; возможен только abort`,
    unknown: (id, service) => `у ${service} нет выпуска ${id}`,
    committed: (version) => `${version} уже стабильная; прежнюю версию возвращает rollback`,
    goingBack: (why) => `выпуск уже возвращается: ${why}`,
    paused: 'выпуск уже на паузе',
    notYetPaused: 'паузу можно поставить, когда начнётся первый шаг',
    goesOnAlone: (why) => `выпуск продолжится сам, когда сможет (${why}); promote продолжает без ожидания`,
    peopleDecide: 'база данных назад не вернётся, решать людям: promote продолжает, abort всё равно возвращает трафик',
    notPaused: 'выпуск не на паузе',
    notAsked: 'выпуск не ждёт одобрения',
    ownRelease: (by) => `выпуск начал ${by}, поэтому одобрить его должен кто-то другой`,
    notYetPromoted: 'promote возможен, когда начнётся первый шаг',
    hookRuns: 'выполняется хук; promote возможен, когда он закончится, abort — сейчас',
    promoted: 'весь трафик уже переводится',
    retryPaused: 'выпуск на паузе; его продолжает resume',
    nothingWaits: 'в выпуске ничто не ждёт новой попытки',
    barrier: (group) => `дальше его пустит только группа ${group}, когда готовы все её выпуски; abort возможен всегда`,
    gateReason: 'чек-лист не пройден: чтобы продолжить всё равно, нужна причина — она попадёт в журнал',
  },
};

/**
 * What a verb that did something did, for the person who gave it. In English the record says it itself.
 *
 * @param release - As it was before.
 */
export function verbDoneRu(release: ReleaseState, verb: Verb, by: string, why: string): string {
  const { version, plan, phase } = release;
  const done = (): string => {
    switch (verb) {
      case 'pause':
        return phase.kind === 'stepping' && phase.part.kind === 'running'
          ? 'выпуск встанет на паузу, когда закончится хук'
          : 'выпуск на паузе';
      case 'resume':
        return 'выпуск продолжается';
      case 'approve':
        return 'выпуск одобрен и продолжается';
      case 'promote':
        return `весь трафик переводится на ${version}`;
      case 'abort':
        if (phase.kind === 'rolling-back') return 'база данных остаётся как есть';
        if (awaitedMigration(release) !== null)
          return `выпуск вернётся, когда закончится миграция ${awaitedMigration(release)}; ещё один abort прервёт её сразу`;
        return plan.stable === null ? 'выпуск прерван' : `выпуск прерван, весь трафик — на ${plan.stable}`;
      case 'retry':
        return 'начата новая попытка';
    }
  };
  return `${done()} (${verb}, ${by}${why === '' ? '' : `: ${why}`})`;
}

/** Who gave a verb and why, as the timeline says it. */
export function verbGiven(verb: Verb, by: string, why: string): string {
  return `${verb} by ${by}${why ? ` (${why})` : ''}`;
}

/** Behind what a verb has done while the log cannot be written. */
export function unrecordedText(problem: string, language: Language): string {
  return language === 'ru'
    ? `; запись появится, когда журнал снова будет доступен: ${problem}`
    : `; it comes on record when the log can be written again: ${problem}`;
}

/** What a rollback does, or would do. */
export type RollbackDeed =
  | { readonly kind: 'abort'; readonly release: string; readonly candidate: string; readonly version: string | null }
  | { readonly kind: 'restore'; readonly version: string };

/** What a rollback would do, in one sentence for the person who asks. */
export function rollbackText(deed: RollbackDeed, language: Language): string {
  if (language === 'ru')
    return deed.kind === 'abort'
      ? `прерывает выпуск ${deed.release} версии ${deed.candidate}: весь трафик — на ${deed.version ?? 'ничто: стабильной версии нет'}`
      : `запускает ${deed.version}, направляет на неё весь трафик, когда она готова и прошла проверки, и следит за ней`;
  return deed.kind === 'abort'
    ? `aborts release ${deed.release} of ${deed.candidate}: all traffic goes to ${deed.version ?? 'no version'}`
    : `starts ${deed.version}, sends all traffic to it once it is ready and has passed its checks, and watches it`;
}

/** What a restart does, or would do, in one sentence. */
export function restartText(
  { version, how, instances }: { readonly version: string; readonly how: Restart['how']; readonly instances: number },
  language: Language,
): string {
  if (language === 'ru') {
    if (how === 'rolling') return `экземпляры ${version} (${instances}) заменяет тот, кто их запускает, по своим правилам`;
    return instances === 1
      ? `перезапускается единственный экземпляр ${version}: пока он не готов, отвечать некому`
      : `экземпляры ${version} (${instances}) перезапускаются по одному: следующий — когда готов предыдущий`;
  }
  if (how === 'rolling') return `the ${instances} instances of ${version} are replaced by what runs them, as it is told to`;
  return instances === 1
    ? `the only instance of ${version} is started anew: nobody answers until it is ready`
    : `the ${instances} instances of ${version} are started anew one after another, each once the one before is ready`;
}

/** What has become of the wish to end a restart. */
export function restartStopText(isDone: boolean, language: Language): string {
  if (language === 'ru')
    return isDone ? 'перезапуск остановлен; экземпляр, который уже завершался, запустится снова' : 'перезапуск не идёт';
  return isDone ? 'the restart has stopped; an instance that was ending comes back' : 'no restart is under way';
}
