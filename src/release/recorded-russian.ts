/**
 * Sentences of releases in Russian. The record is English; where the guard has spoken it keeps data to tell it anew, and for the rest
 * there is this table. What the machine or a user's program has said inside of a sentence stays as it was said.
 */
const sentences: readonly (readonly [pattern: RegExp, russian: string])[] = [
  [/^paused by (.+)$/, 'приостановил(а) $1'],
  [/^aborted by ([^:]+): (.+)$/, 'прервал(а) $1: $2'],
  [/^aborted by (.+)$/, 'прервал(а) $1'],
  [/^held for too long: (.+)$/, 'слишком долго приостановлен: {1}'],
  [/^(\S+) has no ready instance: (.+)$/, 'у $1 нет готовых экземпляров: $2'],
  [/^(\S+) has no ready instance$/, 'у $1 нет готовых экземпляров'],
  [/^(\S+) crashes again and again: (.+)$/, '$1 падает снова и снова: $2'],
  [/^(\S+) crashes again and again$/, '$1 падает снова и снова'],
  [/^(\S+) did not become ready in time: (.+)$/, '$1 не стала готова вовремя: $2'],
  [/^(\S+) did not become ready in time$/, '$1 не стала готова вовремя'],
  [/^(\S+) cannot be started: (.+)$/, '$1 не запускается: $2'],
  [/^(\S+) fails its checks before any traffic: (.+)$/, '$1 не проходит проверки до трафика: $2'],
  [/^its checks were not answered in time$/, 'на проверки не ответили вовремя'],
  [/^its requirements could not be checked in time$/, 'требования не удалось проверить вовремя'],
  [/^nobody approved it in time$/, 'никто не одобрил вовремя'],
  [/^its group did not let it go on in time$/, 'группа не пустила его дальше вовремя'],
  [/^nobody resumed it in time$/, 'никто не продолжил вовремя'],
  [/^a hook did not end in time$/, 'хук не закончился вовремя'],
  [/^the router does not confirm the route: (.+)$/, 'маршрутизатор не подтверждает маршрут: $1'],
  [/^the router does not confirm the route$/, 'маршрутизатор не подтверждает маршрут'],
  [/^nothing is known about (\S+) since (\d+) s$/, 'о $1 ничего не известно уже $2 с'],
  [/^nothing is known yet about (\S+) under traffic$/, 'о $1 под трафиком ещё ничего не известно'],
  [/^(\S+) had its traffic for too little of the time$/, '$1 получала трафик слишком малую часть времени'],
  [/^(\S+) has had no traffic yet$/, 'у $1 ещё не было трафика'],
  [/^(\S+) is stable$/, '$1 стала стабильной'],
  [/^(\S+) was asked for after it$/, 'после неё запросили $1'],
  [/^(\S+) is to be brought back first \((.+)\)$/, 'сначала возвращается $1 ($2)'],
  [/^(\S+) is being released already \((.+)\)$/, '$1 уже выпускается ($2)'],
  [/^(\S+) is the stable version already$/, '$1 уже стабильная версия'],
  [/^(\d+) of (\d+) instances of (\S+) are ready$/, 'готовы $1 из $2 экземпляров $3'],
  [/^no answer in time$/, 'ответа вовремя не было'],
  [/^(\S+) did not end in time$/, '$1: не закончилось вовремя'],
  [/^migrate (.+) did not end in time$/, 'миграция $1 не закончилась вовремя'],
  [/^checklist (.+?) failed: (.+)$/, 'чек-лист $1 не пройден: {2}'],
  [/^checklist (\S+) is not ready: (.+)$/, 'чек-лист $1 не пройден: $2'],
  [/^rollback drill failed: (.+)$/, 'учебный откат не удался: $1'],
  [/^it gave no answer in time$/, 'ответа вовремя не было'],
  [/^backup failed: (.+)$/, 'резервную копию сделать не удалось: $1'],
  [/^migrate (.+?) failed: (.+)$/, 'миграция $1 не удалась: $2'],
  [/^status of (.+?) failed: (.+)$/, 'неизвестно, применена ли миграция $1: $2'],
  [/^it keeps (.+)$/, 'в ней остались миграции: $1'],
  [
    /^(.+) cannot be undone, so nothing is migrated down: people have to decide$/,
    '$1 — необратимая миграция, назад ничего не мигрирует: решать людям',
  ],
  [
    /^(.+); (\S+) does not work with the migrated database, and (.+) cannot be undone: people have to decide$/,
    '{1}; $2 не работает с новой схемой базы данных, а миграция $3 необратима: решать людям',
  ],
  [/^(\S+) failed: (.+)$/, 'хук $1 не удался: $2'],
];

/** A sentence of the record in Russian; as it is where there is none. A full stop at its end stays. */
export function recordedRussian(sentence: string): string {
  const stop = sentence.endsWith('.') ? '.' : '';
  const text = stop === '' ? sentence : sentence.slice(0, -1);
  for (const [pattern, russian] of sentences) {
    const found = pattern.exec(text);
    if (found)
      return (
        russian.replaceAll(/\$(\d)|\{(\d)\}/g, (_, plain: string | undefined, told: string | undefined) =>
          told === undefined ? (found[Number(plain)] ?? '') : recordedRussian(found[Number(told)] ?? ''),
        ) + stop
      );
  }
  return sentence;
}
