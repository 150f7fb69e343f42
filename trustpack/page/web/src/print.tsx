// What a reviewer keeps on paper, beside the overview, the images and the commands.

import { select } from './select';
import { subject } from './ui';
import type { Views } from './views';
import { TableView } from './table';

const most = 1000; // findings with their details

export function PrintReport({ views }: { views: Views }) {
  const { data } = views;
  const urgent = (data.findings ?? []).filter(f => f.severity === 'critical' || f.severity === 'high');
  const tests = views.get('tests')!, files = views.get('files')!, licences = views.get('licences')!;
  const bad = select(tests.table, new URLSearchParams('outcome=failed&outcome=error&outcome=flaky')).rows;
  return <>
    {urgent.length > 0 && <section class="print-part">
      <h2>Findings of critical and high severity</h2>
      {urgent.slice(0, most).map((f, i) => <article class="image" key={i}>
        <h3>{f.id}, {f.severity}: {f.package} {f.installed} in {subject(f.image)}</h3>
        <div class="detail">{views.findingDetails(f)}</div>
      </article>)}
      {urgent.length > most && <p>And {urgent.length - most} more.</p>}
    </section>}
    {licences.table.rows.length > 0 && <section class="print-part"><h2>Licences</h2><TableView table={licences.table} params={new URLSearchParams()} go={() => {}} printing /></section>}
    {bad.length > 0 && <section class="print-part"><h2>Tests that did not simply pass</h2><TableView table={{ ...tests.table, rows: bad }} params={new URLSearchParams()} go={() => {}} printing /></section>}
    <section class="print-part"><h2>Files</h2><TableView table={files.table} params={new URLSearchParams()} go={() => {}} printing /></section>
  </>;
}
