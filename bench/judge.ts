/**
 * The guard as a program on the stream protocol, for scorers and comparisons with other deciders:
 * one JSON message per line on stdin, one JSON answer per tick on stdout. `src/analysis/stream.ts` has the shapes.
 */
import { createInterface } from 'node:readline';
import { openRun, type StreamMessage, type StreamRun, tickRun } from '../src/analysis/stream.ts';

const runs = new Map<string, StreamRun>();
let answers: string[] = [];

function flush(): void {
  process.stdout.write(`${answers.join('\n')}\n`);
  answers = [];
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.trim() === '') return;
  const message: StreamMessage = JSON.parse(line);
  switch (message.op) {
    case 'open':
      runs.set(message.run, openRun(message));
      return;
    case 'close':
      runs.delete(message.run);
      return;
    case 'tick': {
      const run = runs.get(message.run);
      if (!run) throw new Error(`a tick for ${message.run}, which is not open`);
      const { run: next, answer } = tickRun(run, message);
      runs.set(message.run, next);
      answers.push(JSON.stringify(answer));
      if (answers.length === 1) setImmediate(flush);
    }
  }
});
