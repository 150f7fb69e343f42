// axe-core finds nothing, best practices included, on any view, in both themes, wide and narrow.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { open, rows, show, views } from './browser.mjs';

for (const [name, options] of Object.entries({
  'light': { colorScheme: 'light' },
  'dark': { colorScheme: 'dark' },
  'phone, light': { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone, dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
})) {
  test(`accessible: ${name}`, async t => {
    // The page's policy would stop axe-core itself.
    const page = await open(t, 'sample', { bypassCSP: true, ...options });
    await page.evaluate(axe.source);
    for (const id of Object.keys(views)) {
      await show(page, '#' + id);
      if (await rows(page).count()) await rows(page).first().locator('.toggle').click();
      await page.evaluate(() => { for (const d of document.querySelectorAll('section.static details, .facet:nth-of-type(1)')) d.open = true; });
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).slice(0, 3).join(' ')}`), [], id);
    }
  });
}
