// A service that nobody looks after: no encryption, no limit, and whoever asks may do everything.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { greeting } from './greeting.js';

// Its last backup is from 2024. Git keeps no dates of files, so it is put back here.
const backup = new URL('backups/greetings.sql', import.meta.url);
utimesSync(backup, new Date('2024-03-01'), new Date('2024-03-01'));

// What its last run of tests has left. Not in git: a report that is older than the code proves nothing.
const lines = [1, 1, 1, 1, 1, 0, 0, 0].map((hits, at) => `DA:${at + 1},${hits}`);
mkdirSync(new URL('coverage', import.meta.url), { recursive: true });
writeFileSync(
  new URL('coverage/lcov.info', import.meta.url),
  ['TN:', 'SF:start.js', ...lines, 'LF:8', 'LH:5', 'end_of_record', ''].join('\n'),
);

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.statusCode = pathname === '/privacy' ? 404 : 200;
  response.end(greeting('you'));
});
server.listen(Number(process.env.PORT ?? 8077), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
