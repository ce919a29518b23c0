import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, escaped, escapedSize, lines, oneLine, webLinks } from './texts.ts';

test('a text on one line has no sign that nobody sees', () => {
  assert.equal(oneLine(' a\r\nb\tc\u0000d\u2028e\u202ef\ud800 '), 'a b c d e f\ufffd');
  assert.equal(oneLine('👩‍👩‍👧 ёлка'), '👩‍👩‍👧 ёлка');
});

test('lines stay, and no more than one is empty', () => {
  assert.equal(lines('\r\n a \r\n\r\n\r\n\tb\u0007\nc\n'), 'a\n\nb\nc');
});

test('what is too long is cut between characters, with a mark, and never longer than it may be', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdefg', 6), 'abcde…');
  assert.equal(cut('ab cdefg', 4), 'ab…');
  assert.equal(cut('🔥🔥🔥', 4), '🔥…');
  assert.equal(cut('abc', 0), '');
  assert.equal(cut('abcdef', 4, undefined, '...'), 'a...');
  const property = fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (text, max) => {
    const short = cut(text, max);
    assert(short.length <= max && short.isWellFormed());
    if (text.length <= max) assert.equal(short, text);
    else assert(short === '' || short.endsWith('…'));
    assert(escaped(cut(text, max, escapedSize)).length <= max);
  });
  fc.assert(property);
});

test('links are those of the web, without passwords and without signs of markup', () => {
  const hrefs = (...given: string[]) => webLinks(given.map((href) => ({ text: '', href }))).map(({ href }) => href);
  assert.deepEqual(
    hrefs('javascript:alert(1)', ' JAVASCRIPT:x', 'data:text/html,x', 'file:///a', 'mailto:a@b', '/a', 'x', ''),
    [],
  );
  assert.deepEqual(hrefs('https://me:pass@r.example/a?b=c#d'), ['https://r.example/a?b=c#d']);
  assert.deepEqual(hrefs(`https://r.example/"><b>'|\\^\`{}\r\n`), ['https://r.example/%22%3E%3Cb%3E%27%7C/%5E%60%7B%7D']);
  assert.deepEqual(hrefs(`https://r.example/${'x'.repeat(2_000)}`), []);
  assert.deepEqual(webLinks([{ text: ' a\nb ', href: 'http://r.example' }]), [{ text: 'a b', href: 'http://r.example/' }]);
});
