import type { LoadResult } from '../../load/plan.ts';
import type { Text } from '../../spec/text.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import type { CheckResult } from '../check.ts';
import type { LoadConfig } from './schema.ts';
import { expectedText, foundText, linesOf, millis } from './wording.ts';

/** A generator that began fewer of its requests in time has not put the service under the load that was asked for. */
const reachedMin = 0.98;

/** Latency counts as the generator's own where it was late by more than this part of what is expected. */
const lagShareMax = 0.1;

/** A generator that was at work for more of the time may have been the slower one of the two. */
const busyMax = 0.8;

const quantiles = ['p50', 'p90', 'p95', 'p99', 'max'] as const;

/** What a run of the generator says about the service. Pure. */
export function loadVerdict(config: LoadConfig, result: LoadResult): Omit<CheckResult, 'lookedAt'> {
  const answer = (status: CheckResult['status'], found: Text, fix: Text | null): Omit<CheckResult, 'lookedAt'> => ({
    status,
    found,
    expected: expectedText(config),
    fix,
    evidence: linesOf(result),
    figures: figuresOf(result),
  });
  const { askedPerSecond, begunPerSecond, requests } = result;
  const told = foundText(result);
  if (requests === 0)
    return answer('unproven', { en: 'no request was due in that time', ru: 'за это время не было ни одного запроса' }, longer);
  if (askedPerSecond !== null && begunPerSecond < askedPerSecond * reachedMin)
    return answer('unproven', behind(askedPerSecond, begunPerSecond), strongerMachine);
  const missed = missedBy(config, result);
  if (missed.length === 0) return answer('pass', told, null);
  const found = {
    en: `${missed.map(({ en }) => en).join(', ')}; ${told.en}`,
    ru: `${missed.map(({ ru }) => ru).join(', ')}; ${told.ru}`,
  };
  if ((result.errors.local ?? 0) > 0) return answer('unproven', found, moreFiles);
  if (isOwnFault(config, result))
    return answer(
      'unproven',
      { en: `${found.en}; the generator itself was too slow`, ru: `${found.ru}; сам генератор не успевал` },
      strongerMachine,
    );
  return answer('fail', found, fixOf(config, result));
}

function failures({ requests, answers, statuses }: LoadResult): number {
  return requests - answers + statuses['4xx'] + statuses['5xx'];
}

/** What does not hold, each in a few words. */
function missedBy({ expect }: LoadConfig, result: LoadResult): readonly { readonly en: string; readonly ru: string }[] {
  const missed = quantiles.flatMap((name) => {
    const most = expect[name];
    if (most === undefined || result.latency[name] <= most) return [];
    const over = `${name} ${millis(result.latency[name])} > ${durationText(most)}`;
    return [{ en: over, ru: over }];
  });
  const failed = failures(result);
  if (failed * 1_000_000 > expect.errors * result.requests) {
    const share = percentText(Math.ceil((failed * 1_000_000) / result.requests));
    missed.push({ en: `${share} failed > ${percentText(expect.errors)}`, ru: `ошибок ${share} > ${percentText(expect.errors)}` });
  }
  if (expect.rate !== undefined && result.answeredPerSecond < expect.rate) {
    const rate = `${Math.floor(result.answeredPerSecond)}/s < ${expect.rate}/s`;
    missed.push({ en: rate, ru: rate });
  }
  return missed;
}

/** Whether what was missed may be the generator's own doing: requests that failed are not. */
function isOwnFault({ expect, rate }: LoadConfig, result: LoadResult): boolean {
  if (failures(result) * 1_000_000 > expect.errors * result.requests) return false;
  if (rate === undefined) return result.busy > busyMax;
  return quantiles.some((name) => {
    const most = expect[name];
    return most !== undefined && result.latency[name] > most && result.lag[name] > most * lagShareMax;
  });
}

function figuresOf(result: LoadResult): CheckResult['figures'] {
  const { latency, service, lag } = result;
  const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
  return {
    requests: result.requests,
    failedPpm: result.requests === 0 ? 0 : Math.ceil((failures(result) * 1_000_000) / result.requests),
    ...(result.askedPerSecond === null ? {} : { askedPerSecond: result.askedPerSecond }),
    begunPerSecond: rounded(result.begunPerSecond),
    answeredPerSecond: rounded(result.answeredPerSecond),
    p50Ms: rounded(latency.p50),
    p90Ms: rounded(latency.p90),
    p95Ms: rounded(latency.p95),
    p99Ms: rounded(latency.p99),
    maxMs: rounded(latency.max),
    serviceP95Ms: rounded(service.p95),
    lagP95Ms: rounded(lag.p95),
    connections: result.connectionsOpen,
  };
}

function behind(asked: number, begun: number): Text {
  return {
    en: `the generator itself began only ${Math.round(begun)} of ${asked} requests a second in time`,
    ru: `сам генератор успевал начинать только ${Math.round(begun)} запросов в секунду из ${asked}`,
  };
}

function fixOf({ rate }: LoadConfig, result: LoadResult): Text {
  if (result.answers === 0)
    return {
      en: 'see that the service runs and can be reached from here: nothing was answered',
      ru: 'проверьте, что сервис работает и доступен отсюда: не пришло ни одного ответа',
    };
  if (failures(result) > 0 && failures(result) * 100 > result.requests)
    return {
      en: 'find out in the logs of the service why requests fail under load: pools, limits, timeouts, memory',
      ru: 'выясните по журналам сервиса, почему под нагрузкой запросы завершаются ошибкой: пулы, лимиты, таймауты, память',
    };
  return {
    en: `find what the service waits for under ${rate === undefined ? 'so many users' : 'this rate'} (processor, database, locks, pools), or give it more instances`,
    ru: `найдите, чего сервис ждёт под ${rate === undefined ? 'таким числом пользователей' : 'такой нагрузкой'} (процессор, база данных, блокировки, пулы), или добавьте экземпляров`,
  };
}

const longer = { en: 'give it more time with for', ru: 'увеличьте время проверки: for' };

const strongerMachine = {
  en: 'let it run on a machine with a free core, or ask for less',
  ru: 'запустите проверку на машине со свободным ядром или уменьшите нагрузку',
};

const moreFiles = {
  en: 'this machine has no more files or ports for connections: raise `ulimit -n`, or set connections',
  ru: 'на этой машине не хватает файлов или портов для соединений: увеличьте `ulimit -n` или задайте connections',
};
