// The page in a browser: what a reviewer does with it, and what hostile evidence may not do.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { fromTheTop, open, rows, show, views } from './browser.mjs';

test('every view opens by its link, with its name as heading', async t => {
  const page = await open(t, 'sample');
  assert.equal(await page.locator('h2:visible').textContent(), 'What changed', 'a page with a previous release opens on what changed');
  for (const [id, name] of Object.entries(views)) {
    await page.getByRole('link', { name, exact: true }).click();
    assert.equal(await page.locator('h2:visible').first().textContent(), name);
    assert.equal(await page.locator('nav a[aria-current]').count(), 1);
    assert.equal(new URL(page.url()).hash, '#' + id);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  }
  await page.goBack();
  assert.equal(await page.locator('h2:visible').first().textContent(), 'Files');
});

test('a release without a previous one opens on the overview, an empty one too', async t => {
  for (const name of ['first', 'empty']) {
    const page = await open(t, name);
    assert.equal(await page.locator('h2:visible').first().textContent(), 'Overview');
    assert.equal(await page.getByRole('link', { name: 'What changed', exact: true }).count(), 0);
    await page.getByRole('link', { name: 'Files', exact: true }).click();
    assert.equal(await page.locator('h2:visible').first().textContent(), 'Files');
  }
});

test('two clicks from the overview to package, fix, path and who says so', async t => {
  const page = await open(t, 'sample', { fragment: '#overview' });
  await page.locator('#overview').getByRole('link', { name: '6 critical' }).click();
  assert.equal(await rows(page).count(), 6);
  await rows(page).nth(1).getByRole('button').click();
  const detail = page.locator('tr.detail');
  for (const part of ['lib-curl239', 'upgrade to 0.7.10-3+deb12u2', 'scans/nginx.trivy.sarif#/runs/0/results/1', 'SHA-256', 'Trivy, nvd', 'sbom/nginx.spdx.json#/packages/239']) {
    assert.ok((await detail.textContent()).includes(part), part);
  }
  assert.ok(await detail.locator('.path li').count() >= 2);
});

test('controls: the worst first by status, filtered by it, each with why, checks and evidence', async t => {
  const page = await open(t, 'sample', { fragment: '#controls' });
  assert.equal(await rows(page).count(), 4);
  await page.getByRole('columnheader', { name: 'Status' }).getByRole('button').click();
  assert.ok((await rows(page).first().textContent()).includes('SCA-1'), 'not satisfied comes first');
  await page.locator('summary', { hasText: 'Status' }).click();
  await page.getByRole('checkbox', { name: 'declared gap' }).check();
  await page.keyboard.press('Escape');
  assert.equal(await rows(page).count(), 1);
  await rows(page).first().getByRole('button').click();
  const detail = await page.locator('tr.detail').textContent();
  for (const part of ['The yearly test is booked.', 'MANIFEST.json#/gaps/0']) assert.ok(detail.includes(part), part);
  const found = await open(t, 'sample', { fragment: '#controls?q=scan.health' });
  assert.deepEqual(await rows(found).count(), 1, 'the search reads checks and files');
});

test('search, facets and order stand in the address, and the address brings them back', async t => {
  const page = await open(t, 'sample', { fragment: '#packages' });
  await page.getByRole('searchbox').first().fill('ssl');
  await page.locator('summary', { hasText: 'Image' }).click();
  await page.getByRole('checkbox', { name: 'web' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Version' }).getByRole('button').click();
  await page.getByRole('columnheader', { name: 'Version' }).getByRole('button').click();
  const hash = new URL(page.url()).hash;
  assert.equal(hash, '#packages?q=ssl&image=web&sort=-version');
  const shown = await rows(page).allTextContents();
  assert.ok(shown.length > 3 && shown.length < 100);
  assert.equal(await page.getByRole('columnheader', { name: 'Version' }).getAttribute('aria-sort'), 'descending');
  const versions = await page.locator('tr.row > td:nth-child(2)').allTextContents();
  const sorted = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  assert.deepEqual(versions, sorted);
  const again = await open(t, 'sample', { fragment: hash });
  assert.deepEqual(await rows(again).allTextContents(), shown);
  assert.equal(await again.getByRole('searchbox').first().inputValue(), 'ssl');
  await again.getByRole('button', { name: 'Remove the filter Image: web' }).click();
  assert.ok(await rows(again).count() > shown.length);
});

test('a facet counts what the other filters leave', async t => {
  const page = await open(t, 'sample', { fragment: '#findings?severity=critical' });
  await page.locator('summary', { hasText: 'Severity' }).click();
  assert.deepEqual(await page.locator('.facet[open] label').allTextContents(), ['critical6', 'high12', 'medium18', 'low18', 'unknown6']);
  await page.getByRole('checkbox', { name: 'high' }).check();
  assert.equal(await rows(page).count(), 18);
  await page.getByRole('columnheader', { name: 'Severity' }).getByRole('button').click();
  assert.ok((await rows(page).first().textContent()).includes('high'), 'ascending: the least severe first');
});

test('CSV holds what is shown, and no formula', async t => {
  const page = await open(t, 'sample', { fragment: '#findings?severity=critical&sort=-id' });
  await page.getByRole('button', { name: 'Copy as CSV' }).click();
  const lines = (await page.evaluate(() => globalThis.copied)).split('\r\n');
  assert.equal(lines.length, 8);
  assert.equal(lines[0], 'Finding,Severity,Package,Installed,Fixed in,Image,Title');
  assert.ok(lines[1].startsWith('CVE-2026-1005,critical,'));
  const hostile = await open(t, 'hostile', { fragment: '#packages' });
  await hostile.getByRole('button', { name: 'Copy as CSV' }).click();
  const text = await hostile.evaluate(() => globalThis.copied);
  assert.ok(text.includes("'=HYPERLINK"));
  assert.ok(!/(^|,|\n|")[=+@]/.test(text.replaceAll('""', '')), 'a cell begins a formula');
});

test('pages of a long table', async t => {
  const page = await open(t, 'large', { fragment: '#packages' });
  assert.equal(await rows(page).count(), 100);
  assert.equal(await page.locator('.state p').first().textContent(), '20,000 packages');
  await page.getByRole('button', { name: 'Next' }).first().click();
  assert.ok((await page.locator('.pager').first().textContent()).includes('101–200'));
  await page.getByRole('searchbox').fill('nothing has this name');
  assert.equal(await rows(page).count(), 0);
  await page.getByRole('button', { name: 'Clear the search and all filters' }).click();
  assert.equal(await rows(page).count(), 100);
});

test('a key press costs the page as much for 20,000 packages as for 300', async t => {
  const nodes = {};
  for (const name of ['sample', 'large']) {
    const page = await open(t, name, { fragment: '#packages' });
    await page.evaluate(() => {
      globalThis.changed = 0;
      new MutationObserver(list => { for (const m of list) globalThis.changed += m.addedNodes.length + m.removedNodes.length; }).observe(document.getElementById('app'), { subtree: true, childList: true });
    });
    await page.getByRole('searchbox').press('l');
    await page.evaluate(() => new Promise(done => setTimeout(done)));
    nodes[name] = await page.evaluate(() => [globalThis.changed, document.getElementsByTagName('*').length]);
  }
  assert.ok(nodes.large[0] < 2 * nodes.sample[0] + 200, `changed nodes: ${JSON.stringify(nodes)}`);
  assert.ok(nodes.large[1] < 2 * nodes.sample[1], `nodes: ${JSON.stringify(nodes)}`);
});

test('links that are sent open the row they name', async t => {
  const page = await open(t, 'large', { fragment: '#findings?q=CVE-2026-5000' });
  const key = await page.evaluate(() => { document.querySelector('tr.row button').click(); return location.hash; });
  const other = await open(t, 'large', { fragment: '#findings?' + key.split('&').find(p => p.startsWith('open=')) });
  assert.equal(await other.locator('[aria-expanded=true]').textContent(), 'CVE-2026-5000');
  assert.ok(await other.locator('tr.detail').isVisible());
});

test('one image alone, and its commands: the safe one first', async t => {
  const page = await open(t, 'sample', { fragment: '#images/web' });
  assert.deepEqual(await page.locator('article.image:visible').evaluateAll(list => list.map(a => a.dataset.image)), ['web']);
  await page.getByText('Verify the signature of web').click();
  const commands = page.locator('article.image:visible .command');
  assert.ok((await commands.first().textContent()).includes('@refs/tags/v1.482'));
  assert.ok((await commands.last().textContent()).includes('weak'));
  await commands.first().getByRole('button').click();
  assert.ok((await page.evaluate(() => globalThis.copied)).startsWith('cosign verify --certificate-identity https://github.com/'));
  await page.getByRole('link', { name: 'Show all 3' }).click();
  assert.equal(await page.locator('article.image:visible').count(), 3);
});

test('pictures stand with their test and open the file of the pack', async t => {
  const page = await open(t, 'sample', { fragment: '#tests?outcome=failed' });
  await rows(page).first().getByRole('button').click();
  const links = page.locator('tr.detail .shots a');
  assert.equal(await links.count(), 2);
  assert.equal(await links.first().getAttribute('href'), './uat/screenshots/chromium/step%200.png');
  assert.equal(await page.locator('tr.detail img').evaluateAll(list => list.filter(i => i.naturalWidth === 0).length), 0);
});

test('without JavaScript the essential is there', async t => {
  const page = await open(t, 'sample', { javaScriptEnabled: false });
  const text = await page.locator('main').innerText();
  for (const part of ['Not authenticated', 'CVE-2026-1000', 'CVE-2026-1017', 'sbom/web.spdx.json', 'Verify the signature of web', 'trustpack-verify -expect', 'penetration-test', 'Severity by image']) {
    assert.ok(text.includes(part), part);
  }
  assert.ok(!text.includes('CVE-2026-1030'), 'a medium finding');
  assert.equal(await page.locator('button:visible').count(), 0);
  assert.equal(await page.locator('nav a:visible').count(), 5);
});

test('print keeps what a reviewer must keep', async t => {
  const page = await open(t, 'sample', { fragment: '#overview' });
  await page.emulateMedia({ media: 'print' });
  await page.locator('.print-part').first().waitFor();
  const text = await page.locator('main').innerText();
  for (const part of ['Not authenticated', 'CVE-2026-1000', 'upgrade to', 'scans/web.trivy.sarif#/runs/0/results/', 'cosign verify --certificate-identity ', 'Tests that did not simply pass', 'sbom/nginx.cdx.json', 'SHA-256']) {
    assert.ok(text.includes(part), part);
  }
  for (const gone of ['nav.views', '.tools', 'button.copy']) assert.equal(await page.locator(gone).locator('visible=true').count(), 0, gone);
  const pdf = await page.pdf({ format: 'A4' });
  assert.ok(pdf.length > 20_000 && pdf.length < 3_000_000);
  await page.emulateMedia({ media: 'screen' });
  await page.locator('.print-part').first().waitFor({ state: 'detached' });
  assert.equal(await page.locator('section.static:visible').count(), 1);
});

test('print of a table keeps all of its rows', async t => {
  const page = await open(t, 'sample', { fragment: '#packages?type=deb' });
  const all = Number.parseInt(await page.locator('.state p').first().textContent());
  await page.emulateMedia({ media: 'print' });
  await page.waitForFunction(n => document.querySelectorAll('tr.row').length === n, all);
});

test('hostile strings run nothing and break no layout', async t => {
  for (const width of [1280, 390, 320]) {
    const page = await open(t, 'hostile', { viewport: { width, height: 800 } });
    for (const id of Object.keys(views)) {
      await show(page, '#' + id);
      for (const toggle of await page.locator('tr.row .toggle').all().then(list => list.slice(0, 4))) await toggle.click();
      const [wide, attacked] = await page.evaluate(() => [document.documentElement.scrollWidth - document.documentElement.clientWidth, globalThis.attacked]);
      assert.equal(attacked, undefined, id);
      assert.ok(wide <= 0, `${id} at ${width}: ${wide} pixels too wide`);
      assert.equal(await page.locator('main a').evaluateAll(list => list.filter(a => !/^(#|\.\/|https?:\/\/)/i.test(a.getAttribute('href'))).length), 0);
    }
  }
});

test('hostile strings run nothing without JavaScript or on paper', async t => {
  const still = await open(t, 'hostile', { javaScriptEnabled: false });
  assert.ok((await still.locator('main').innerText()).includes('<script>window.attacked=1</script>'));
  const page = await open(t, 'hostile', { fragment: '#overview' });
  await page.emulateMedia({ media: 'print' });
  await page.locator('.print-part').first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.attacked), undefined);
});

test('no view scrolls sideways at 320 pixels', async t => {
  const page = await open(t, 'sample', { viewport: { width: 320, height: 640 } });
  for (const id of Object.keys(views)) {
    await show(page, '#' + id);
    if (await rows(page).count()) await rows(page).first().locator('.toggle').click();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${id}: ${wide} pixels too wide`);
  }
});

test('the keyboard alone reaches everything, and the focus is seen', async t => {
  const page = await open(t, 'sample', { fragment: '#findings' });
  await fromTheTop(page);
  const seen = [];
  for (let i = 0; i < 34; i++) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => {
      const e = document.activeElement;
      const style = getComputedStyle(e);
      return { name: e.getAttribute('aria-label') || e.firstChild?.textContent || e.textContent, outline: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2 };
    }));
  }
  const names = seen.map(s => s.name);
  assert.equal(names[0], 'Skip to content');
  for (const name of [...Object.values(views), 'Search findings', 'Severity', 'Copy as CSV', 'Package', 'CVE-2026-1000']) assert.ok(names.includes(name), `${name} in ${names}`);
  assert.deepEqual(seen.filter(s => !s.outline), []);
  await page.locator('tr.row .toggle').first().focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('tr.detail').isVisible());
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')), 'true');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('tr.detail').count(), 0);
  await page.locator('summary', { hasText: 'Severity' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  assert.equal(new URL(page.url()).hash, '#findings?severity=critical');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SUMMARY');
  assert.equal(await page.locator('.facet[open]').count(), 0);
});

test('the skip link leads to the content and leaves the view', async t => {
  const page = await open(t, 'sample', { fragment: '#files' });
  await fromTheTop(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(await page.locator('h2:visible').first().textContent(), 'Files');
});

test('an address that names nothing leaves the page as it is', async t => {
  const page = await open(t, 'sample', { fragment: '#nothing?of=this' });
  assert.deepEqual(await page.locator('h2:visible').allTextContents(), ['What changed']);
  await show(page, '#files');
  await show(page, '#nothing');
  assert.deepEqual(await page.locator('h2:visible').allTextContents(), ['Files']);
});
