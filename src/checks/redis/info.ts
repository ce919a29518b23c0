import { percentText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import { isAtLeast } from '../version.ts';
import type { RedisConfig } from './schema.ts';

/** Fields of `INFO` by name. */
export type Info = ReadonlyMap<string, string>;

/** @param text - The answer to `INFO`: lines `name:value` under headings that begin with `#`. */
export function infoOf(text: string): Info {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0 && !line.startsWith('#')) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  return fields;
}

/**
 * What `INFO` says about each part that is asked for.
 *
 * @param settings - What `CONFIG GET` says where that may be asked; managed servers refuse it.
 */
export function answersOf(config: RedisConfig, info: Info, settings: ReadonlyMap<string, string>): readonly Answer[] {
  const { version, appendonly, appendfsync, hitRate, memory, clients, eviction, replicas } = config;
  return [
    versionAnswer(info, version ?? null),
    ...(appendonly === undefined ? [] : [appendonlyAnswer(info, appendonly)]),
    ...(appendfsync === undefined ? [] : [appendfsyncAnswer(settings, appendfsync)]),
    ...(hitRate ? [hitRateAnswer(info, hitRate)] : []),
    ...(memory ? [memoryAnswer(info, memory)] : []),
    ...(clients ? [clientsAnswer(info, settings, clients)] : []),
    ...(eviction ? [evictionAnswer(info, eviction)] : []),
    ...(replicas === undefined ? [] : [replicasAnswer(info, replicas)]),
  ];
}

const number = (info: ReadonlyMap<string, string>, name: string): number | null => {
  const text = info.get(name);
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
};

/** A field that this server does not have. */
function unknown(field: string, expected: Answer['expected']): Answer {
  return {
    status: 'unproven',
    found: { en: `the server does not say ${field}`, ru: `сервер не сообщает ${field}` },
    expected,
    fix: {
      en: `let its user run INFO and CONFIG GET (ACL: +info +config|get); where the server is managed, look at ${field} there and confirm it`,
      ru: `разрешите пользователю INFO и CONFIG GET (ACL: +info +config|get); если сервер управляемый, посмотрите ${field} в его панели и подтвердите`,
    },
  };
}

function versionAnswer(info: Info, least: string | null): Answer {
  const version = info.get('redis_version');
  const expected =
    least === null ? { en: 'PONG', ru: 'PONG' } : { en: `Redis ${least} or newer`, ru: `Redis ${least} или новее` };
  if (version === undefined)
    return least === null ? { status: 'pass', found: 'PONG', expected, fix: null } : unknown('redis_version', expected);
  const found = `Redis ${version}`;
  if (least === null || isAtLeast(version, least)) return { status: 'pass', found, expected, fix: null };
  return { status: 'fail', found, expected, fix: { en: `update the server to ${least}`, ru: `обновите сервер до ${least}` } };
}

function appendonlyAnswer(info: Info, wanted: boolean): Answer {
  const expected = wanted ? { en: 'appendonly yes', ru: 'appendonly yes' } : { en: 'appendonly no', ru: 'appendonly no' };
  const on = info.get('aof_enabled');
  if (on === undefined) return unknown('aof_enabled', expected);
  if ((on === '1') !== wanted) {
    const set = `CONFIG SET appendonly ${wanted ? 'yes' : 'no'}`;
    return {
      status: 'fail',
      found:
        on === '1'
          ? 'appendonly yes'
          : {
              en: 'appendonly no: what was written last is lost with the server',
              ru: 'appendonly no: последнее записанное пропадёт вместе с сервером',
            },
      expected,
      fix: { en: `${set}, and the same in redis.conf`, ru: `${set}, и то же в redis.conf` },
    };
  }
  if (wanted && [info.get('aof_last_write_status'), info.get('aof_last_bgrewrite_status')].includes('err'))
    return {
      status: 'fail',
      found: {
        en: 'appendonly yes, but the last write of the file has failed',
        ru: 'appendonly yes, но последняя запись файла не удалась',
      },
      expected,
      fix: {
        en: 'see the log of the server, and whether its disk is full',
        ru: 'посмотрите журнал сервера и не заполнен ли диск',
      },
    };
  return { status: 'pass', found: on === '1' ? 'appendonly yes' : 'appendonly no', expected, fix: null };
}

function appendfsyncAnswer(settings: ReadonlyMap<string, string>, least: 'always' | 'everysec'): Answer {
  const expected =
    least === 'always' ? 'appendfsync always' : { en: 'appendfsync everysec, or always', ru: 'appendfsync everysec или always' };
  const value = settings.get('appendfsync');
  if (value === undefined) return unknown('appendfsync', expected);
  const isWell = value === 'always' || value === least;
  const set = `CONFIG SET appendfsync ${least}`;
  return {
    status: isWell ? 'pass' : 'fail',
    found: `appendfsync ${value}`,
    expected,
    fix: isWell ? null : { en: `${set}, and the same in redis.conf`, ru: `${set}, и то же в redis.conf` },
  };
}

function hitRateAnswer(info: Info, { warn, fail, lookups }: NonNullable<RedisConfig['hitRate']>): Answer {
  const expected = {
    en: `${percentText(warn)} of the lookups find something, never less than ${percentText(fail)}`,
    ru: `${percentText(warn)} поисков успешны, и никогда меньше ${percentText(fail)}`,
  };
  const [hits, misses] = [number(info, 'keyspace_hits'), number(info, 'keyspace_misses')];
  if (hits === null || misses === null) return unknown('keyspace_hits', expected);
  const all = hits + misses;
  if (all < lookups)
    return {
      status: 'unproven',
      found: { en: `${all} lookups since its start: too few to say`, ru: `поисков с запуска: ${all}, слишком мало для вывода` },
      expected,
      fix: {
        en: `look again after ${lookups} lookups, or ask for fewer (lookups)`,
        ru: `проверьте снова после ${lookups} поисков или требуйте меньше (lookups)`,
      },
    };
  const ppm = Math.floor((hits * 1_000_000) / all);
  const status = ppm < fail ? 'fail' : ppm < warn ? 'warn' : 'pass';
  const text = percentText(Math.round(ppm / 1_000) * 1_000);
  return {
    status,
    found: { en: `${text} of ${all} lookups found something`, ru: `успешны ${text} из ${all} поисков` },
    expected,
    fix:
      status === 'pass'
        ? null
        : {
            en: 'keep what is looked up for longer (TTL), give it more memory, or look up less that cannot be there',
            ru: 'храните искомое дольше (TTL), дайте больше памяти или ищите меньше того, чего там нет',
          },
    figures: { hitRatePercent: ppm / 10_000, lookups: all },
  };
}

function memoryAnswer(info: Info, { warn, fail }: NonNullable<RedisConfig['memory']>): Answer {
  const expected = {
    en: `at most ${percentText(warn)} of maxmemory in use, never ${percentText(fail)}`,
    ru: `занято не больше ${percentText(warn)} от maxmemory, и никогда ${percentText(fail)}`,
  };
  const [used, max] = [number(info, 'used_memory'), number(info, 'maxmemory')];
  if (used === null || max === null) return unknown('used_memory', expected);
  if (max === 0)
    return {
      status: 'warn',
      found: {
        en: 'maxmemory is not set: it grows until the machine has no memory left',
        ru: 'maxmemory не задан: память растёт, пока не кончится у машины',
      },
      expected,
      fix: { en: 'set maxmemory and maxmemory-policy in redis.conf', ru: 'задайте maxmemory и maxmemory-policy в redis.conf' },
      figures: { usedMemoryBytes: used },
    };
  return share(
    used,
    max,
    { warn, fail },
    expected,
    'maxmemory',
    {
      en: 'give it more memory (maxmemory), or keep less',
      ru: 'дайте больше памяти (maxmemory) или храните меньше',
    },
    { usedMemoryBytes: used, maxMemoryBytes: max },
  );
}

function clientsAnswer(
  info: Info,
  settings: ReadonlyMap<string, string>,
  { warn, fail }: NonNullable<RedisConfig['clients']>,
): Answer {
  const expected = {
    en: `at most ${percentText(warn)} of maxclients connected, never ${percentText(fail)}`,
    ru: `подключено не больше ${percentText(warn)} от maxclients, и никогда ${percentText(fail)}`,
  };
  const [used, max] = [number(info, 'connected_clients'), number(info, 'maxclients') ?? number(settings, 'maxclients')];
  if (used === null || max === null || max === 0) return unknown('maxclients', expected);
  return share(
    used,
    max,
    { warn, fail },
    expected,
    'maxclients',
    {
      en: 'lower the pools of its clients, or raise maxclients',
      ru: 'уменьшите пулы клиентов или увеличьте maxclients',
    },
    { clients: used, clientsMax: max },
  );
}

function share(
  used: number,
  max: number,
  { warn, fail }: { readonly warn: number; readonly fail: number },
  expected: Answer['expected'],
  name: string,
  fix: NonNullable<Answer['fix']>,
  figures: Readonly<Record<string, number>>,
): Answer {
  const ppm = Math.round((used * 1_000_000) / max);
  const status = ppm > fail ? 'fail' : ppm > warn ? 'warn' : 'pass';
  const text = percentText(Math.round(ppm / 1_000) * 1_000);
  return {
    status,
    found: { en: `${text} of ${name} in use`, ru: `занято ${text} от ${name}` },
    expected,
    fix: status === 'pass' ? null : fix,
    figures,
  };
}

function evictionAnswer(info: Info, allowed: NonNullable<RedisConfig['eviction']>): Answer {
  const expected = `maxmemory-policy ${allowed.join(' | ')}`;
  const policy = info.get('maxmemory_policy');
  if (policy === undefined) return unknown('maxmemory_policy', expected);
  const isWell = (allowed as readonly string[]).includes(policy);
  const set = `CONFIG SET maxmemory-policy ${allowed[0]}`;
  return {
    status: isWell ? 'pass' : 'fail',
    found: `maxmemory-policy ${policy}`,
    expected,
    fix: isWell ? null : { en: `${set}, and the same in redis.conf`, ru: `${set}, и то же в redis.conf` },
  };
}

function replicasAnswer(info: Info, least: number): Answer {
  const expected = { en: `${least} replicas or more`, ru: `реплик не меньше ${least}` };
  const count = number(info, 'connected_slaves');
  if (count === null) return unknown('connected_slaves', expected);
  // `slave0:ip=10.0.0.7,port=6379,state=online,…`
  const online = [...info].filter(([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online')).length;
  return {
    status: online >= least ? 'pass' : 'fail',
    found: { en: `${online} replicas follow`, ru: `реплик следует: ${online}` },
    expected,
    fix:
      online >= least
        ? null
        : {
            en: 'start the replicas, and see in their logs why they do not follow',
            ru: 'запустите реплики и посмотрите в их журналах, почему они не следуют',
          },
    figures: { replicas: online },
  };
}
