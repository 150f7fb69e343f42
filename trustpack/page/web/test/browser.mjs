// Opens the pages that the Go test wrote to $PAGES, in the Chromium of $CHROMIUM.
import { after } from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
after(() => browser.close());

export const views = {
  overview: 'Overview', changes: 'What changed', images: 'Images', findings: 'Findings', packages: 'Packages', licences: 'Licences', tests: 'Tests',
  accessibility: 'Accessibility', attestations: 'Attestations', controls: 'Controls', files: 'Files', verify: 'How to verify',
};

// open shows a page as a double click on the file does, and fails at the end if the page asked for
// anything, or said anything on the console.
export async function open(t, name, { fragment = '', ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const noise = [], asked = [];
  page.on('console', m => noise.push(m.text()));
  page.on('pageerror', e => noise.push(e.message));
  page.on('dialog', d => { noise.push('dialog'); d.dismiss(); });
  page.on('request', r => { if (!r.url().startsWith('data:')) asked.push(r.url()); });
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { globalThis.copied = text; } } });
  });
  const address = pathToFileURL(path.join(process.env.PAGES, name, 'index.html')).href;
  await page.goto(address + fragment);
  if (options.javaScriptEnabled !== false) await ready(page);
  t.after(async () => {
    await context.close();
    assert.deepEqual(noise, []);
    assert.deepEqual(asked.filter(url => url.split('#')[0] !== address), []);
  });
  return page;
}

// ready waits until the data are read.
export async function ready(page) {
  await page.waitForFunction(() => document.documentElement.classList.contains('js') && !document.querySelector('.view:not([hidden]) > p.empty:only-child'));
}

// show goes to a view as the address does.
export async function show(page, fragment) {
  await page.evaluate(f => { location.hash = f; }, fragment);
  await page.evaluate(() => new Promise(done => setTimeout(done)));
}

// fromTheTop lets the next Tab find the first stop of the page, not the first after the address's target.
export const fromTheTop = page => page.evaluate(() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
});

export const rows = page => page.locator('table.grid > tbody > tr.row');
