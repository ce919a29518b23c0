import type { Language } from '../analysis/sentence.ts';
import { causeText, heldText } from '../release/reason.ts';
import { stepText } from '../release/step-text.ts';
import { endReason } from '../release/summary.ts';
import type { ReleaseState, RollbackPart } from '../release/types.ts';

/** What a release waits for or does, in one sentence. What a program has said inside of it stays as it was said. */
export function doing(release: ReleaseState, language: Language): string {
  const { phase, plan, version } = release;
  const text = words[language];
  switch (phase.kind) {
    case 'queued':
      return text.queued;
    case 'validating':
      return text.validating;
    case 'awaiting-approval':
      return text.approval;
    case 'preparing':
      return phase.part === 'smoke' ? text.smoke(version) : text.starts(version);
    case 'held':
      return `${text.held}: ${heldText(release, language)}`;
    case 'rolling-back':
      if (phase.part === 'decide')
        return `${text.held}: ${heldText(release, language)}; ${text.decide}. ${text.went}: ${causeText(release, phase.cause, language)}`;
      return `${phase.failing ? failingText(release, phase.part, language) : text.parts(version)[phase.part]}: ${causeText(release, phase.cause, language)}`;
    case 'ended':
      return endReason(release, phase, language);
    case 'stepping': {
      const step = plan.steps[phase.step];
      const told = step ? stepText(step, plan.stable, language) : '';
      if (phase.part.kind === 'applying') return `${told}: ${text.applying}`;
      if (phase.part.kind === 'growing') return `${told}: ${phase.part.smoke ? text.smoke(version) : text.growing}`;
      if (phase.part.kind === 'draining') return `${told}: ${text.draining}`;
      if (phase.part.kind === 'shrinking') return `${told}: ${text.shrinking}`;
      if (phase.part.kind === 'verifying') return `${told}: ${text.verifying}`;
      if (phase.part.kind === 'running' && phase.part.thenBack)
        return `${told}; ${text.thenBack}: ${causeText(release, phase.part.thenBack, language)}`;
      if (phase.part.kind === 'committing') return text.commits(version);
      return told;
    }
  }
}

function failingText({ findings }: ReleaseState, part: RollbackPart, language: Language): string {
  const last = findings.at(-1);
  return part === 'database' ? words[language].failingDatabase(last?.ok === false ? last.detail : null) : words[language].failing;
}

type Words = {
  readonly queued: string;
  readonly validating: string;
  readonly approval: string;
  readonly smoke: (version: string) => string;
  readonly starts: (version: string) => string;
  readonly held: string;
  readonly failing: string;
  readonly failingDatabase: (why: string | null) => string;
  readonly decide: string;
  readonly went: string;
  readonly thenBack: string;
  readonly applying: string;
  readonly verifying: string;
  readonly growing: string;
  readonly draining: string;
  readonly shrinking: string;
  readonly commits: (version: string) => string;
  readonly parts: (version: string) => Readonly<Record<RollbackPart, string>>;
};

const words: Readonly<Record<Language, Words>> = {
  en: {
    queued: 'waits for the release before it',
    validating: 'checks that everything it needs is there',
    approval: 'waits for an approval',
    smoke: (version) => `checks ${version} before any traffic`,
    starts: (version) => `starts ${version}`,
    held: 'held',
    failing: 'the router does not confirm the way back; keeps trying',
    failingDatabase: (why) =>
      `the database does not go back${why === null ? '' : ` (${why})`}; keeps trying, and abort leaves it as it is`,
    decide: 'abort ends the release and leaves the database as it is',
    went: 'It went back because',
    thenBack: 'then it goes back',
    applying: 'waits for the router to accept it',
    verifying: 'reads it back',
    growing: 'waits until they are ready',
    draining: 'lets the others finish what they have',
    shrinking: 'stops the others',
    commits: (version) => `${version} becomes the stable version`,
    parts: (version) => ({
      restore: 'gives stable its instances back, and the traffic with them',
      route: 'takes all traffic back',
      compensate: 'undoes its hooks',
      database: 'takes the database back',
      decide: 'waits for people',
      drain: `lets ${version} finish what it has`,
      check: 'checks stable',
      retire: `stops ${version}`,
    }),
  },
  ru: {
    queued: 'ждёт выпуска перед ним',
    validating: 'проверяет, что есть всё нужное',
    approval: 'ждёт одобрения',
    smoke: (version) => `проверяет ${version} до трафика`,
    starts: (version) => `запускает ${version}`,
    held: 'приостановлен',
    failing: 'маршрутизатор не подтверждает возврат; попытки продолжаются',
    failingDatabase: (why) =>
      `база данных не возвращается${why === null ? '' : ` (${why})`}; попытки продолжаются, abort оставит её как есть`,
    decide: 'abort закончит выпуск и оставит базу данных как есть',
    went: 'Причина возврата',
    thenBack: 'затем выпуск вернётся',
    applying: 'ждёт, пока маршрутизатор примет',
    verifying: 'читает обратно',
    growing: 'ждёт их готовности',
    draining: 'даёт остальным закончить начатое',
    shrinking: 'останавливает остальные',
    commits: (version) => `${version} становится стабильной версией`,
    parts: (version) => ({
      restore: 'возвращает стабильной версии её экземпляры, а с ними и трафик',
      route: 'возвращает весь трафик',
      compensate: 'отменяет сделанное хуками',
      database: 'возвращает базу данных',
      decide: 'ждёт людей',
      drain: `даёт ${version} закончить начатое`,
      check: 'проверяет стабильную версию',
      retire: `останавливает ${version}`,
    }),
  },
};
