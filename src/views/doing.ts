import { type Language, languageFor, toldIn } from '../analysis/sentence.ts';
import { causeText, comparedBy } from '../release/reason.ts';
import { stepText } from '../release/step-text.ts';
import { endReason } from '../release/summary.ts';
import type { ReleaseState, RollbackPart } from '../release/types.ts';

/** What a release waits for or does, in one sentence: in that language where the guard is the reason, else in English. */
export function doing(release: ReleaseState, language: Language): string {
  const { phase, plan, version } = release;
  switch (phase.kind) {
    case 'queued':
      return 'waits for the release before it';
    case 'validating':
      return 'checks that everything it needs is there';
    case 'awaiting-approval':
      return 'waits for an approval';
    case 'preparing':
      return phase.part === 'smoke' ? `checks ${version} before any traffic` : `starts ${version}`;
    case 'held': {
      const { held } = words[languageFor(phase.said, language)];
      return `${held}: ${toldIn(phase, comparedBy(release), language)}`;
    }
    case 'rolling-back': {
      const { failing, parts } = words[languageFor(phase.cause.said, language)];
      return `${phase.failing ? failing : parts(version)[phase.part]}: ${causeText(release, phase.cause, language)}`;
    }
    case 'ended':
      return endReason(release, phase, language);
    case 'stepping': {
      const step = plan.steps[phase.step];
      const text = step ? stepText(step, plan.stable) : '';
      if (phase.part.kind === 'applying') return `${text}: waits for the router to accept it`;
      if (phase.part.kind === 'verifying') return `${text}: reads it back`;
      if (phase.part.kind === 'committing') return `${version} becomes the stable version`;
      return text;
    }
  }
}

type Words = {
  readonly held: string;
  readonly failing: string;
  readonly parts: (version: string) => Readonly<Record<RollbackPart, string>>;
};

const words: Readonly<Record<Language, Words>> = {
  en: {
    held: 'held',
    failing: 'the router does not confirm the way back; keeps trying',
    parts: (version) => ({
      route: 'takes all traffic back',
      compensate: 'undoes its hooks',
      drain: `lets ${version} finish what it has`,
      check: 'checks stable',
      retire: `stops ${version}`,
    }),
  },
  ru: {
    held: 'приостановлен',
    failing: 'маршрутизатор не подтверждает возврат; попытки продолжаются',
    parts: (version) => ({
      route: 'возвращает весь трафик',
      compensate: 'отменяет сделанное хуками',
      drain: `даёт ${version} закончить начатое`,
      check: 'проверяет стабильную версию',
      retire: `останавливает ${version}`,
    }),
  },
};
