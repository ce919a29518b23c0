import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { findings } from '../../incidents/on-call/findings.ts';
import { onCallAt } from '../../incidents/on-call/shifts.ts';
import { person } from '../../incidents/setup.fixture.ts';
import { type IncidentSetup, noSetup } from '../../spec/incident-setup.ts';
import { type ScheduleSpec, scheduleDocument } from '../../spec/schedule.ts';
import { textIn } from '../../spec/text.ts';
import type { Clock } from '../clock.ts';
import { CalendarKeeper } from './calendar-keeper.ts';

const startMs = Date.UTC(2026, 10, 29, 10);
const hourMs = 3_600_000;
const people = ['anna', 'boris'].map((name) => person(name, '{}'));

function ics(...shifts: readonly (readonly [who: string, fromMs: number, untilMs: number])[]): string {
  const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.000/g, '');
  const events = shifts.map(
    ([who, fromMs, untilMs], index) =>
      `BEGIN:VEVENT\r\nUID:${index}\r\nDTSTAMP:${stamp(startMs)}\r\nDTSTART:${stamp(fromMs)}\r\nDTEND:${stamp(untilMs)}\r\nSUMMARY:${who}\r\nEND:VEVENT\r\n`,
  );
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n${events.join('')}END:VCALENDAR\r\n`;
}

/** A real server with a calendar, a clock that is put forward by hand, and keepers on one folder. */
async function place(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-calendars-'));
  const asked: IncomingMessage[] = [];
  const now = { ms: startMs, answer: (_response: ServerResponse, _request: IncomingMessage): void => {} };
  const server = createServer((request, response) => {
    asked.push(request);
    now.answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/private-5up3r/team.ics?token=hidden99`;
  let wake: () => void = () => {};
  const clock: Clock = {
    now: () => now.ms,
    after: (_ms, signal) =>
      new Promise((resolve) => {
        wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const schedule = scheduleDocument.parse({
    apiVersion: 'rampart/v1',
    kind: 'Schedule',
    metadata: { name: 'payments' },
    spec: { calendar: { url: { env: 'TEAM_CALENDAR' }, every: '15m' } },
  });
  const setup: IncidentSetup = { ...noSetup, people, schedules: [schedule] };
  const warnings: string[] = [];
  const open = async (): Promise<CalendarKeeper> => {
    const keeper = await CalendarKeeper.open({
      folder,
      setup: { setup, listen: () => () => {} },
      environment: { TEAM_CALENDAR: url },
      readSecret: () => '',
      clock,
      warn: (text) => warnings.push(text),
    });
    t.after(() => keeper.stop());
    return keeper;
  };
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const of = (keeper: CalendarKeeper): ScheduleSpec => keeper.with(setup.schedules)[0] ?? schedule;
  return {
    folder,
    asked,
    now,
    warnings,
    open,
    of,
    /** Lets so much time pass, and the keeper look. */
    pass(ms: number): void {
      now.ms += ms;
      wake();
    },
    who: (keeper: CalendarKeeper, atMs = now.ms) => onCallAt(of(keeper), atMs)?.person ?? null,
    found: (keeper: CalendarKeeper) =>
      findings({ people, schedules: [of(keeper)], policies: [], notifiers: null }, now.ms, now.ms + hourMs)
        .filter(({ kind }) => kind === 'calendar')
        .map(({ level, text }) => `${level}: ${textIn(text, 'en')}`),
  };
}

test('who is on call comes from a calendar elsewhere, is asked for by its tag, and outlives the calendar and the controller', async (t) => {
  const it = await place(t);
  const first = ics(
    ['On call: anna', startMs - hourMs, startMs + hourMs],
    ['On call: boris', startMs + hourMs, startMs + 99 * hourMs],
  );
  it.now.answer = (response, { headers }) => {
    if (headers['if-none-match'] === '"one"') return void response.writeHead(304).end();
    response.writeHead(200, { etag: '"one"', 'content-type': 'text/calendar' }).end(first);
  };
  const keeper = await it.open();
  await until('the calendar is read', () => it.who(keeper) === 'anna');
  assert.deepEqual([it.who(keeper, startMs + 2 * hourMs), it.found(keeper)], ['boris', []]);
  const [file = ''] = readdirSync(it.folder);
  assert.equal(statSync(join(it.folder, file)).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(join(it.folder, file), 'utf8'), /5up3r|hidden99/);
  it.pass(15 * 60_000);
  await until('it is asked for again', () => it.asked.length === 2);
  assert.equal(it.asked[1]?.headers['if-none-match'], '"one"');
  await until('it was read just now', () => it.of(keeper).calendar?.read?.atMs === it.now.ms);
  it.now.answer = (response) => void response.writeHead(503).end('no /private-5up3r today');
  it.pass(16 * 60_000);
  await until('the trouble is known', () => it.found(keeper).length > 0);
  assert.deepEqual([it.found(keeper), it.who(keeper)], [['warning: its calendar was last read 16m ago: it answers 503'], 'anna']);
  await keeper.stop();
  it.pass(30 * hourMs);
  const next = await it.open();
  assert.equal(it.who(next), 'boris');
  await until('it is asked for once more', () => it.found(next).length > 0);
  assert.match(it.found(next)[0] ?? '', /^error: its calendar was last read 1d6h16m ago/);
  assert.doesNotMatch(JSON.stringify([it.warnings, it.found(next)]), /5up3r|hidden99/);
});

test('what is no calendar, too large or sends elsewhere changes nothing, and events of nobody are told', async (t) => {
  const it = await place(t);
  it.now.answer = (response) =>
    void response.writeHead(200).end(ics(['anna', startMs, startMs + 9 * hourMs], ['party', startMs, startMs + hourMs]));
  const keeper = await it.open();
  await until('the calendar is read', () => it.who(keeper) === 'anna');
  assert.deepEqual(it.found(keeper), ['warning: of its calendar it cannot be told whose these are: "party"']);
  const bad: readonly [answer: (response: ServerResponse) => void, said: RegExp][] = [
    [(response) => response.writeHead(200).end('<html>sign in</html>'), /no iCalendar/],
    [(response) => response.writeHead(200).end('x'.repeat(2_000_001)), /larger than 2000000 bytes/],
    [
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /it answers 302, and redirects are not followed/,
    ],
    [(response) => response.destroy(), /ECONNRESET|socket hang up/],
  ];
  for (const [answer, said] of bad) {
    it.now.answer = answer;
    it.pass(15 * 60_000);
    await until(`it is said: ${said}`, () => it.found(keeper).some((text) => said.test(text)));
    assert.equal(it.who(keeper), 'anna');
  }
});
