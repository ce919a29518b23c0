/** Draws docs/pictures/rollback.svg from a real run of the demo, at the moment when the guard has sent 1.1.0 back: `node docs/pictures/make.ts`. */
import { writeFileSync } from 'node:fs';
import { onStage } from '../../src/cli/demo/stage.ts';
import { playStory } from '../../src/cli/demo/story.ts';
import { type EventLine, serviceScreen } from '../../src/cli/screen.ts';
import { recordedIn } from '../../src/runtime/record.ts';
import { serviceView } from '../../src/views/service-view.ts';

const paper = { width: 104, height: 40, colour: true };
const colours: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 36: '#79c0ff', 2: '#8b949e' };
const cell = { width: 8.4, height: 19 };

let picture: readonly string[] | null = null;
const called = new AbortController();
await onStage(
  async (stage) => {
    const timer = setInterval(async () => {
      const state = stage.host.controller.service('shop');
      const release = state?.live;
      if (picture || !state || release?.version !== '1.1.0' || release.phase.kind !== 'rolling-back' || release.safeAtMs === null)
        return;
      const logged = await stage.host.log.readRelease(release.id, 0, 1_000);
      const events: EventLine[] = logged.map((event) => ({ seq: event.seq, at: event.at, said: recordedIn(event).said }));
      picture = serviceScreen(serviceView(state, Date.now(), 'en'), events, Date.now(), paper);
      called.abort(new Error('the picture is taken'));
    }, 10);
    await playStory(stage, () => {}, called.signal).catch(() => {});
    clearInterval(timer);
  },
  () => {},
);
if (picture === null) throw new Error('the moment was missed; run it again');
writeFileSync(new URL('./rollback.svg', import.meta.url), svg(picture));

/** A terminal as a picture: text stays text, so that it can be read aloud and searched. */
function svg(lines: readonly string[]): string {
  const width = Math.round(paper.width * cell.width + 32);
  const height = Math.round(lines.length * cell.height + 32);
  const rows = lines.map(
    (line, index) =>
      `<text x="16" y="${Math.round(16 + (index + 0.8) * cell.height)}" xml:space="preserve">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
<title>rampart watch: version 1.1.0 of the shop is being rolled back</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`;
}

function spans(line: string): string {
  let style = '';
  let text = '';
  for (const [, code, plain] of line.matchAll(/\x1b\[(\d+)m|([^\x1b]+)/g)) {
    if (plain !== undefined) {
      const escaped = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      text += style === '' ? escaped : `<tspan ${style}>${escaped}</tspan>`;
    } else if (code !== undefined) style = code === '1' ? 'font-weight="bold"' : colours[code] ? `fill="${colours[code]}"` : '';
  }
  return text;
}
