import { UserError } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { percentText } from '../../spec/unit-text.ts';
import { type CheckResult, defineCheck } from '../check.ts';
import { noController } from '../no-controller.ts';
import { RollbackDrillConfig } from './schema.ts';

/** Some traffic goes to the candidate of the release under way and comes back, on the real router. */
export const rollbackDrill = defineCheck({
  title: { en: 'Rollback drill', ru: 'Учебный откат' },
  schema: RollbackDrillConfig,
  capabilities: { own: true, alone: true },
  timeoutMs: 120_000,
  async run(config, { service, own, signal, progress }) {
    const share = percentText(config.share);
    const lookedAt = { en: `the router of ${service}`, ru: `маршрутизатор сервиса ${service}` };
    const seconds = config.within / 1_000;
    const expected = {
      en: `${share} of the traffic goes to the candidate and back within ${seconds} s each, read back from the router, with at most ${percentText(config.errors)} of its requests failing`,
      ru: `${share} трафика уходит на новую версию и возвращается, не дольше чем за ${seconds} с в каждую сторону, по показаниям самого маршрутизатора, и из его запросов с ошибкой не больше ${percentText(config.errors)}`,
    };
    const answer = (
      status: CheckResult['status'],
      found: Text,
      fix: Text | null,
      figures: CheckResult['figures'] = {},
    ): CheckResult => ({
      status,
      lookedAt,
      found,
      expected,
      fix,
      evidence: [],
      figures,
    });
    if (!own) return noController(lookedAt, expected);
    const release = own.release();
    if (!release)
      return answer(
        'unproven',
        {
          en: 'no release is under way, so there is no candidate to send traffic to',
          ru: 'выпуск не идёт, так что новой версии, на которую можно отправить трафик, нет',
        },
        startOne,
      );
    progress(`${share} to ${release.candidate} and back`);
    try {
      const { thereMs, backMs, requests, errors } = await own.drill(config.share, signal);
      const figures = { thereMs, backMs, requests, errors };
      const told = {
        en: `${share} was there after ${thereMs} ms and back after ${backMs} ms; ${release.candidate} had ${requests} requests meanwhile, and ${errors} of them failed`,
        ru: `${share} — туда за ${thereMs} мс, обратно за ${backMs} мс; версия ${release.candidate} получила за это время запросов: ${requests}, из них с ошибкой: ${errors}`,
      };
      if (thereMs > config.within || backMs > config.within) return answer('fail', told, slowRouter, figures);
      if (errors * 1_000_000 > config.errors * requests) return answer('fail', told, failing(release.candidate), figures);
      if (requests === 0) return answer('warn', told, moreTraffic, figures);
      return answer('pass', told, null, figures);
    } catch (error) {
      if (error instanceof UserError && error.code === 'E_DRILL_LATE') return answer('fail', error.message, slowRouter);
      throw error;
    }
  },
});

const startOne = {
  en: 'let the check run while a release waits with its candidate ready: put a pause, an approval or a gate before its first weight',
  ru: 'запускайте проверку, когда выпуск ждёт, а новая версия готова: поставьте перед первой долей трафика паузу, одобрение или проверку (gate)',
};

const slowRouter = {
  en: 'find out why the router takes so long, because a rollback takes as long: its load, its reloads, the way to it',
  ru: 'выясните, почему маршрутизатор так медлит: столько же займёт и откат; смотрите на его загрузку, перезагрузки конфигурации и связь с ним',
};

const moreTraffic = {
  en: 'nobody was sent to the candidate: let it run while there is more traffic, or with a larger share',
  ru: 'на новую версию никто не попал: запустите проверку при большем трафике или с большей долей',
};

function failing(candidate: string): Text {
  return {
    en: `see in the log of ${candidate} why requests fail before it gets more of them`,
    ru: `посмотрите в журнале версии ${candidate}, почему запросы завершаются ошибкой, прежде чем давать ей больше`,
  };
}
