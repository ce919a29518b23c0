import type { Language } from '../analysis/sentence.ts';
import { percentText, spanText } from '../analysis/wording.ts';
import { digitsRu, percentRu, plural, spanRu } from '../analysis/wording-russian.ts';
import { causeText, heldText } from '../release/reason.ts';
import type { Cause, ReleaseState } from '../release/types.ts';
import { signalText } from '../signals/text.ts';
import type { AssessedSignal } from '../signals/types.ts';

/** One reason for the health of a service, as data: its sentence is made in the language of whoever asks. */
export type HealthReason =
  | { readonly kind: 'none-ready'; readonly version: string; readonly all: number; readonly problem: string | null }
  | { readonly kind: 'rollback-failed'; readonly of: 'route' | 'database'; readonly version: string; readonly why: string | null }
  | { readonly kind: 'route'; readonly tries: number; readonly why: string | null }
  | { readonly kind: 'errors'; readonly share: number; readonly limit: number; readonly perSecond: number }
  | { readonly kind: 'signal'; readonly signal: AssessedSignal }
  | {
      readonly kind: 'instances';
      readonly version: string;
      readonly bad: number;
      readonly all: number;
      readonly problem: string | null;
    }
  | { readonly kind: 'held'; readonly release: ReleaseState }
  | { readonly kind: 'going-back'; readonly release: ReleaseState; readonly cause: Cause }
  | { readonly kind: 'taken-back'; readonly release: ReleaseState; readonly agoMs: number }
  | { readonly kind: 'no-stable' }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'no-traffic' };

/** One sentence without a full stop. What the machine itself has said (an exit code, an answer of the router) stays as it was said. */
export function healthText(reason: HealthReason, language: Language): string {
  return tellers[language](reason);
}

const tellers: Readonly<Record<Language, (reason: HealthReason) => string>> = { en: english, ru: russian };

function english(reason: HealthReason): string {
  switch (reason.kind) {
    case 'none-ready':
      return reason.all === 0
        ? `no instance of ${reason.version} runs`
        : `none of ${reason.all} ${reason.all === 1 ? 'instance' : 'instances'} of ${reason.version} is ready${because(reason.problem)}`;
    case 'rollback-failed':
      return reason.of === 'database'
        ? `the database does not go back from ${reason.version}${because(reason.why)}`
        : `the router does not confirm the way back from ${reason.version}${because(reason.why)}`;
    case 'route':
      return `the wanted route is not in force after ${reason.tries} ${reason.tries === 1 ? 'try' : 'tries'}${because(reason.why)}`;
    case 'errors':
      return `${percentText(ppm(reason.share))} of ${rate(reason.perSecond)} requests/s fail, more than ${percentText(ppm(reason.limit))}`;
    case 'signal':
      return signalText(reason.signal, 'en');
    case 'instances':
      return `${reason.bad} of ${reason.all} ${reason.all === 1 ? 'instance' : 'instances'} of ${reason.version} ${reason.bad === 1 ? 'is' : 'are'} not ready${because(reason.problem)}`;
    case 'held':
      return `the release of ${reason.release.version} is held${because(heldText(reason.release, 'en'))}`;
    case 'going-back':
      return `${reason.release.version} is being taken back${because(causeText(reason.release, reason.cause, 'en'))}`;
    case 'taken-back':
      return `${reason.release.version} was taken back ${spanText(reason.agoMs / 1_000)} ago${because(takenBackText(reason.release, 'en'))}`;
    case 'no-stable':
      return 'no version is stable yet';
    case 'no-data':
      return 'nothing is known of its requests';
    case 'no-traffic':
      return 'no traffic in the last minute; its instances are ready';
  }
}

function russian(reason: HealthReason): string {
  switch (reason.kind) {
    case 'none-ready':
      return reason.all === 0
        ? `нет ни одного экземпляра ${reason.version}`
        : `не готов ни один из ${ofInstances(reason.all)} ${reason.version}${because(reason.problem)}`;
    case 'rollback-failed':
      return reason.of === 'database'
        ? `база данных не возвращается с ${reason.version}${because(reason.why)}`
        : `маршрутизатор не подтверждает возврат с ${reason.version}${because(reason.why)}`;
    case 'route':
      return `нужный маршрут не действует после ${reason.tries} ${plural(reason.tries, 'попытки', 'попыток', 'попыток')}${because(reason.why)}`;
    case 'errors':
      return `не удаётся ${percentRu(ppm(reason.share))} из ${digitsRu(Number(rate(reason.perSecond)))} запросов/с, больше ${percentRu(ppm(reason.limit))}`;
    case 'signal':
      return signalText(reason.signal, 'ru');
    case 'instances':
      return `не ${plural(reason.bad, 'готов', 'готовы', 'готовы')} ${reason.bad} из ${ofInstances(reason.all)} ${reason.version}${because(reason.problem)}`;
    case 'held':
      return `выпуск ${reason.release.version} приостановлен${because(heldText(reason.release, 'ru'))}`;
    case 'going-back':
      return `${reason.release.version} возвращается${because(causeText(reason.release, reason.cause, 'ru'))}`;
    case 'taken-back':
      return `${reason.release.version} снята с трафика ${spanRu(reason.agoMs / 1_000)} назад${because(takenBackText(reason.release, 'ru'))}`;
    case 'no-stable':
      return 'стабильной версии ещё нет';
    case 'no-data':
      return 'о запросах ничего не известно';
    case 'no-traffic':
      return 'за последнюю минуту запросов не было; экземпляры готовы';
  }
}

function because(why: string | null): string {
  return why === null || why === '' ? '' : `: ${why}`;
}

function takenBackText(release: ReleaseState, language: Language): string | null {
  return release.cause && causeText(release, release.cause, language);
}

function ofInstances(count: number): string {
  return `${count} ${plural(count, 'экземпляра', 'экземпляров', 'экземпляров')}`;
}

/** To two digits after the point: more would only move. */
function ppm(share: number): number {
  return Math.round(share * 1e4) * 100;
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? String(Math.round(perSecond)) : String(Number(perSecond.toFixed(1)));
}
