import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const phone = { width: 360, height: 740 } as const;
export const onPhone = { viewport: phone, hasTouch: true, isMobile: true } as const;

type Violation = {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
};

/** What axe finds of WCAG 2.2 AA that is serious or critical. */
export async function violations(page: Page, where: string): Promise<readonly string[]> {
  // Past the policy of the page, which forbids it any script that is not its own.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  const found = (await page.evaluate(
    `axe.run({
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then(({ violations }) => violations)`,
  )) as readonly Violation[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${where}: ${id}: ${html.slice(0, 200)}: ${failureSummary}`),
    );
}

/** What goes over the right edge of the phone, where anything does. */
export async function tooWide(page: Page, where: string): Promise<readonly string[]> {
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  if (width <= phone.width) return [];
  const parts = await page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > ${phone.width} + 1)
    .slice(0, 6).map((one) => one.outerHTML.slice(0, 120)).join(' | ')`);
  return [`${where} is ${width} px wide: ${parts}`];
}
