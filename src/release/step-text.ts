import type { Language } from '../analysis/sentence.ts';
import type { Approval, HookAction } from '../spec/types.ts';
import { durationText } from '../spec/unit-text.ts';
import type { Step } from './types.ts';

/** A step in plain words, for plans, timelines and the screen. `stable`: the version before; null when there is none. */
export function stepText(step: Step, stable: string | null, language: Language = 'en'): string {
  return tellers[language](step, stable);
}

const tellers: Readonly<Record<Language, (step: Step, stable: string | null) => string>> = { en: english, ru: russian };

function english(step: Step, stable: string | null): string {
  switch (step.kind) {
    case 'approve':
      return `wait for ${approvalText(step)}, at most ${durationText(step.expiresMs)}`;
    case 'match':
      return `send requests with ${step.match.map(matchText).join(' or ')}`;
    case 'weight':
      return step.of === 'users' ? `give it to ${step.percent} % of users` : `send ${step.percent} % of requests`;
    case 'observe':
      return (
        `observe for ${durationText(step.minMs)}${step.minRequests > 0 ? ` and ${step.minRequests} requests` : ''}` +
        (step.earlyMs === undefined ? '' : `, or ${durationText(step.earlyMs)} once it is proven good`)
      );
    case 'pause':
      return step.ms === null ? 'pause until resumed' : `pause for ${durationText(step.ms)}`;
    case 'barrier':
      return `wait for the others of group ${step.group} before ${step.before === 'promote' ? 'all requests' : 'it becomes stable'}, at most ${durationText(step.maxMs)}`;
    case 'hook':
      return `run ${step.hook.name}`;
    case 'gate':
      if (step.hook.action.kind === 'drill') return 'drill the rollback on the router';
      return `ask ${step.hook.name}${step.hook.action.kind === 'checklist' ? signedBy(step.hook.action, ', signed by ', 'all of its roles') : ''}`;
    case 'backup':
      return 'back up the database';
    case 'migrate':
      return `migrate the database: ${step.name}${step.undo === null ? ' (cannot be undone)' : ''}`;
    case 'scale':
      if (step.of === 'candidate')
        return step.replicas === null ? 'run all instances of the new version' : `run ${count(step.replicas)} of the new version`;
      return `leave ${count(step.replicas)} of ${stable}${step.percent === null ? '' : ` and send ${step.percent} % of requests`}`;
    case 'promote':
      return step.of === 'users' ? 'give it to all users' : 'send all requests';
    case 'bake':
      return `bake for ${durationText(step.minMs)}${stable === null ? '' : ` with ${stable} warm`}`;
    case 'retire':
      if (stable === null) return 'become the stable version';
      return step.afterMs > 0 ? `retire ${stable} after ${durationText(step.afterMs)}` : `retire ${stable}`;
  }
}

/** Whose yes a release waits for. */
export function approvalText({ by }: Approval): string {
  return by === 'another' ? 'an approval by somebody who did not start it' : 'an approval';
}

function count(instances: number): string {
  return instances === 1 ? '1 instance' : `${instances} instances`;
}

/** In the genitive, as after `до`. */
function countRu(instances: number): string {
  const isOne = instances % 10 === 1 && instances % 100 !== 11;
  return `${instances} ${isOne ? 'экземпляра' : 'экземпляров'}`;
}

function matchText(match: Extract<Step, { kind: 'match' }>['match'][number]): string {
  if ('cookie' in match) return `cookie ${match.cookie} = ${match.equals}`;
  if ('equals' in match) return `${match.header} = ${match.equals}`;
  if ('contains' in match) return `${match.header} containing ${match.contains}`;
  return `${match.header} matching ${match.pattern}`;
}

function russian(step: Step, stable: string | null): string {
  switch (step.kind) {
    case 'approve':
      return `ждать одобрения${step.by === 'another' ? ' не того, кто начал выпуск,' : ''} не дольше ${durationRu(step.expiresMs)}`;
    case 'match':
      return `направить запросы, у которых ${step.match.map(matchRu).join(' или ')}`;
    case 'weight':
      return step.of === 'users'
        ? `дать ${percentRu(step.percent)} % пользователей`
        : `направить ${percentRu(step.percent)} % запросов`;
    case 'observe':
      return (
        `наблюдать ${durationRu(step.minMs)}${step.minRequests > 0 ? ` и не меньше ${step.minRequests} запросов` : ''}` +
        (step.earlyMs === undefined ? '' : ` или ${durationRu(step.earlyMs)}, если версия уже доказала, что хороша`)
      );
    case 'pause':
      return step.ms === null ? 'пауза, пока выпуск не продолжат' : `пауза ${durationRu(step.ms)}`;
    case 'barrier':
      return `ждать остальных из группы ${step.group}, прежде чем ${step.before === 'promote' ? 'направить все запросы' : 'стать стабильной'}, не дольше ${durationRu(step.maxMs)}`;
    case 'hook':
      return `выполнить ${step.hook.name}`;
    case 'gate':
      if (step.hook.action.kind === 'drill') return 'провести учебный откат на маршрутизаторе';
      if (step.hook.action.kind === 'checklist') return checklistRu(step.hook.action, step.hook.name);
      return step.hook.action.kind === 'budget' ? 'проверить бюджет ошибок' : `проверить цели: ${step.hook.name}`;
    case 'backup':
      return 'сделать резервную копию базы данных';
    case 'migrate':
      return `миграция базы данных: ${step.name}${step.undo === null ? ' (необратимая)' : ''}`;
    case 'scale':
      if (step.of === 'candidate')
        return step.replicas === null
          ? 'запустить все экземпляры новой версии'
          : `довести новую версию до ${countRu(step.replicas)}`;
      return `сократить ${stable} до ${countRu(step.replicas)}${step.percent === null ? '' : ` и направить ${step.percent} % запросов`}`;
    case 'promote':
      return step.of === 'users' ? 'дать всем пользователям' : 'направить все запросы';
    case 'bake':
      return `выдержать ${durationRu(step.minMs)}${stable === null ? '' : `, ${stable} наготове`}`;
    case 'retire':
      if (stable === null) return 'стать стабильной версией';
      return step.afterMs > 0 ? `убрать ${stable} через ${durationRu(step.afterMs)}` : `убрать ${stable}`;
  }
}

type ChecklistAction = Extract<HookAction, { kind: 'checklist' }>;

function signedBy({ signOffs }: ChecklistAction, head: string, all: string): string {
  if (signOffs === 'all') return `${head}${all}`;
  return signOffs.length === 0 ? '' : `${head}${signOffs.join(', ')}`;
}

function checklistRu(action: ChecklistAction, name: string): string {
  const { checklist, phases } = action;
  const at = / at (T\+\S+)$/.exec(name)?.[1];
  return `пройти чек-лист ${checklist}${phases ? ` (${phases.join(', ')})` : ''}${at ? ` в ${at}` : ''}${signedBy(action, ', с подписями: ', 'все роли')}`;
}

function percentRu(percent: number): string {
  return String(percent).replace('.', ',');
}

function matchRu(match: Extract<Step, { kind: 'match' }>['match'][number]): string {
  if ('cookie' in match) return `cookie ${match.cookie} = ${match.equals}`;
  if ('equals' in match) return `${match.header} = ${match.equals}`;
  if ('contains' in match) return `${match.header} содержит ${match.contains}`;
  return `${match.header} соответствует ${match.pattern}`;
}

const units: Readonly<Record<string, string>> = { d: 'д', h: 'ч', m: 'мин', s: 'с', ms: 'мс' };

/** `1h30m` → `1 ч 30 мин`. */
function durationRu(ms: number): string {
  return durationText(ms)
    .replaceAll(/(\d+)(ms|d|h|m|s)/g, (_, count: string, unit: string) => `${count} ${units[unit]} `)
    .trim();
}
