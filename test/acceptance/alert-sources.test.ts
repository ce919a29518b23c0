import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { grafanaAlert, grafanaMessage, grafanaSigned } from '../../src/alert-sources/grafana/payload.fixture.ts';
import type { IncidentView } from '../../src/views/incident-view.ts';
import { Stage, until } from './stage.ts';

const stage = new Stage();
const key = randomBytes(32).toString('hex');

before(async () => {
  writeFileSync(join(stage.folder, 'key'), `${key}\n`);
  writeFileSync(
    join(stage.folder, 'sources.yaml'),
    `apiVersion: rampart/v1
kind: AlertSource
metadata: { name: grafana }
spec:
  grafana: { secret: { file: ${join(stage.folder, 'key')} }, timestampHeader: X-Grafana-Alerting-Timestamp }
`,
  );
  await stage.up();
  const applied = await stage.cli('incidents', 'apply', 'sources.yaml');
  assert.equal(applied.code, 0, applied.err);
});
after(() => stage.close());

const startsAt = new Date().toISOString();
const url = (): string => stage.door().url;

async function send(alert: object, atS = Math.floor(Date.now() / 1_000), secret = key) {
  const body = JSON.stringify(grafanaMessage([grafanaAlert({ startsAt, ...alert })]));
  const headers = grafanaSigned(body, secret, atS);
  const again = async () => {
    const { status } = await fetch(`${url()}/inbound/alerts/grafana`, { method: 'POST', headers: { ...headers }, body });
    return status;
  };
  return { status: await again(), again };
}

async function incidents(): Promise<readonly IncidentView[]> {
  const { body } = await stage.ask('GET', '/api/v1/incidents');
  return (body as { incidents: readonly IncidentView[] }).incidents;
}

/** The answer to a body of 10 MB (null: the line was cut before it came), and how much of it was sent until then. */
async function sendLarge(): Promise<{ readonly answer: string | null; readonly sent: number }> {
  const socket = net.connect(Number(new URL(url()).port), '127.0.0.1');
  const size = 10 * 1_048_576;
  let sent = 0;
  try {
    // The server reads none of it: a system that is quick to close throws the answer away with what was sent.
    const answer = new Promise<string | null>((resolve) => {
      socket.once('data', (data) => resolve(data.toString())).once('close', () => resolve(null));
      socket.on('error', () => {});
    });
    socket.write(`POST /inbound/alerts/grafana HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${size}\r\n\r\n`);
    const isAnswered = answer.then(() => true);
    const part = Buffer.alloc(65_536, 'x');
    while (sent < size && socket.writable) {
      socket.write(part);
      sent += part.length;
      if (await Promise.race([isAnswered, new Promise<false>((resolve) => setImmediate(() => resolve(false)))])) break;
    }
    return { answer: await answer, sent };
  } finally {
    socket.destroy();
  }
}

test('an alert of Grafana opens an incident and ends it, through a killed controller; what is wrong, replayed or too large does neither', async () => {
  const wrong = await send({}, undefined, 'guessed');
  assert.equal(wrong.status, 401);
  assert.deepEqual(await incidents(), []);
  const shown = await stage.cli('alerts');
  assert.match(shown.out, /NOT TAKEN {2}a message of grafana \(.*: its signature is wrong\); none was taken yet/);

  const fired = await send({});
  assert.equal(fired.status, 200);
  await until('the incident is open', async () => (await incidents())[0]?.state === 'open');
  const [opened] = await incidents();
  assert.equal(opened?.severity, 'P0');
  assert.equal(await fired.again(), 409);

  await stage.down('SIGKILL');
  await stage.up();
  assert.equal(await fired.again(), 409, 'it is known through the kill');
  const { answer } = await sendLarge();
  if (answer !== null) assert.match(answer, /^HTTP\/1\.1 413 /);
  const alerts = await stage.cli('alerts');
  assert.match(alerts.out, /told by grafana/);
  assert.match(alerts.out, /NOT TAKEN .*larger than 2 MiB/);

  const over = await send({ status: 'resolved', endsAt: new Date().toISOString() });
  assert.equal(over.status, 200);
  await until('the incident is over', async () => (await incidents())[0]?.state === 'resolved');
  assert.deepEqual([await fired.again(), await over.again()], [409, 409]);
  // By another instance of Grafana, late and signed anew: what is over is not begun again.
  assert.equal((await send({})).status, 200);
  assert.deepEqual(
    (await incidents()).map(({ id, state }) => [id, state]),
    [[opened?.id, 'resolved']],
  );
});
