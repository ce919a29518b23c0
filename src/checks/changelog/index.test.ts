import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { changelog } from './index.ts';
import { versionEntry } from './names-version.ts';

const files = new TestFolder(after);
const kept = `# Changelog\n\n## [Unreleased]\n- 1.3.0 will be fine\n\n## [1.2.0] - 2026-01-31\n### Added\n- a cart\n\n## 1.1.0 [YANKED]\n- x\n\n## 1.0.0\n\n[1.2.0]: https://shop.example/1.2.0\n`;
const asked = (version: string) => () => ({ file: files.write('CHANGELOG.md', kept), version });
const { context } = files;

checkConformance('changelog', changelog, [
  { name: 'the version has an entry', given: asked('v1.2.0'), status: 'pass', found: /line 6/, context },
  {
    name: 'the version is below Unreleased only',
    given: asked('1.3.0'),
    status: 'fail',
    found: /Unreleased only/,
    fix: /##/,
    context,
  },
  { name: 'the version was taken back', given: asked('1.1.0'), status: 'fail', found: /taken back/, context },
  { name: 'its entry says nothing', given: asked('1.0.0'), status: 'fail', found: /nothing stands below/, context },
  { name: 'it is not named', given: asked('2.0.0'), status: 'fail', found: /newest is \[1\.2\.0\]/, context },
  {
    name: 'nobody has said which version it is',
    given: () => ({ file: files.write('CHANGELOG.md', kept) }),
    status: 'unproven',
    found: /which version/,
    context: { ...context, version: null },
  },
  {
    name: 'the version that is checked',
    given: () => ({ file: files.write('HISTORY', '1.0.0 / today\n=====\n\n* first\n') }),
    status: 'pass',
    context,
  },
  { name: 'no changelog', given: () => ({ file: 'gone.md' }), status: 'unproven', found: /cannot be read/, context },
]);

const named: readonly [heading: string, version: string, isNamed: boolean][] = [
  ['## [1.2.0] - 2026-01-31', '1.2.0', true],
  ['## v1.2.0 (2026-01-31)', '1.2.0', true],
  ['# [1.2.0](https://x/compare/1.1.0...1.2.0) (2026)', '1.2.0', true],
  ['# [1.2.0](https://x/compare/1.1.0...1.2.0) (2026)', '1.1.0', false],
  ['Version 1.2.0\n-------------', '1.2.0', true],
  ['= 1.2.0 =', '1.2.0', true],
  ['== 1.2.0', 'v1.2.0', true],
  ['## 1.2.0-rc.1', '1.2.0', false],
  ['## 1.2.0-rc.1', '1.2.0-rc.1', true],
  ['## 11.2.0', '1.2.0', false],
  ['## 1.2.0.4', '1.2.0', false],
  ['## 1.2.0', '1.2.0+build.7', true],
  ['```\n## 1.2.0\n```', '1.2.0', false],
  ['mentions 1.2.0', '1.2.0', false],
  ['## shop@1.2.0', '1.2.0', true],
  ['## 1x2y0', '1.2.0', false],
];
for (const [heading, version, isNamed] of named)
  test(`${JSON.stringify(heading)} ${isNamed ? 'names' : 'does not name'} ${version}`, () => {
    assert.equal(versionEntry(`${heading}\n\n- something\n`, version).kind === 'named', isNamed);
  });
