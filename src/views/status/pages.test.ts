import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { noStatus } from '../../status/fold.ts';
import { atomFeed, rssFeed } from './feed.ts';
import { statusHtml } from './html.ts';
import type { StatusPageView } from './page-view.ts';
import { acmeView } from './status.fixture.ts';

/** Names and texts of all elements; throws where it is no well-formed XML. */
function elementsOf(xml: string): readonly (readonly [name: string, text: string])[] {
  const found: [string, string][] = [];
  const open: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    open.push('');
    found.push([name, '']);
  });
  parser.on('text', (text) => {
    const last = found.at(-1);
    if (last) last[1] += text;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return found;
}

const view = acmeView();

function withText(text: string): StatusPageView {
  const [first] = view.posts;
  assert.ok(first);
  const [one] = view.maintenances;
  assert.ok(one);
  return {
    ...view,
    page: { ...view.page, title: text },
    posts: [{ ...first, title: text, updates: first.updates.map((update) => ({ ...update, body: text })) }],
    maintenances: [{ ...one, title: text }],
  };
}

test('a text of somebody else is never markup of the page', () => {
  const pieces = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '&lt;', "' onload='", '</style>', ']]>', 'a'];
  const plain = statusHtml(withText('a'), 'en', '/status');
  const tags = (page: string): readonly string[] => page.match(/<[a-z!/][^>]*>/gi) ?? [];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('en', 'ru'),
      (texts, lang) => {
        const page = statusHtml(withText(texts.join('')), lang as 'en' | 'ru', '/status');
        assert.ok(!/<script|<img/i.test(page), page);
        if (lang === 'en') assert.deepEqual(tags(page), tags(plain));
      },
    ),
    { numRuns: 30 },
  );
});

test('feeds are well-formed whatever the texts hold, and tell what is published', () => {
  for (const feed of [atomFeed, rssFeed]) {
    assert.ok(elementsOf(feed(view, 'en')).some(([, text]) => text.includes('Rolled back to 1.4.1.')));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => void elementsOf(feed(withText(text), 'ru'))),
      { numRuns: 100 },
    );
  }
  assert.ok(atomFeed(withText('one\ntwo'), 'ru').includes('one&lt;br&gt;two'), 'a text keeps its lines');
  const atom = elementsOf(atomFeed(view, 'en')).map(([name]) => name);
  for (const name of ['id', 'title', 'updated', 'author']) assert.ok(atom.includes(name), `${name} is demanded by RFC 4287`);
});

test('the page says what is known, in both languages', () => {
  const en = statusHtml(view, 'en', '/status');
  for (const text of ['Some things work worse than usual', 'Measured until 2 Jan 2026, 03:10 UTC', 'Planned', 'degraded'])
    assert.ok(en.includes(text), text);
  const ru = statusHtml(acmeView({ provenAtMs: null }), 'ru', '');
  for (const text of ['Часть системы работает хуже обычного', 'показано последнее известное', 'Оформление заказа'])
    assert.ok(ru.includes(text), text);
  const empty = statusHtml(acmeView({ state: noStatus, provenAtMs: null }), 'en', '');
  assert.ok(empty.includes('Nothing is known yet'));
});
