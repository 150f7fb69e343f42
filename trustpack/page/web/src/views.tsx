// The views that need a script: one table each, and what stands around it.

import type { ComponentChildren } from 'preact';
import type { Attestation, Change, Control, Data, File, Finding, License, Package, Rule, Test, WebPage } from './data';
import { href } from './route';
import type { Table } from './select';
import { count, Facts, FileLink, Pictures, Reference, severities, Severity, shown, size, Sources, subject, when } from './ui';

export interface View {
  id: string;
  title: string;
  table: Table<any>;
  above?: ComponentChildren;
  below?: ComponentChildren;
}

const rank = (severity: string) => -(severities as readonly string[]).indexOf(shown(severity));
const image = <T extends { image?: string }>(row: T) => row.image ?? '';
const imageFacet = { id: 'image', title: 'Image', of: image, label: subject };
const imageColumn = { id: 'image', title: 'Image', value: <T extends { image?: string }>(row: T) => subject(row.image), room: 2 as const };

// unwanted are the kinds of which fewer are better.
const unwanted = ['finding', 'gap', 'accessibility'];

// digest shortens what is one; the details have all of it.
const digest = (text?: string) => text && /^sha256:[0-9a-f]{64}$/.test(text) ? <code>{text.slice(0, 19)}…</code> : text;

export const findingKey = (f: Finding) => `${f.id}|${f.image ?? ''}|${f.package ?? ''}`;
export const packageKey = (p: Package) => `${p.purl || p.name + '@' + (p.version ?? '')}|${p.image ?? ''}`;

// Views makes the views of the data, each when it is first asked for.
export class Views {
  readonly files: Map<string, File>;
  private readonly made = new Map<string, View | undefined>();
  private byComponent?: Map<number, Finding[]>;

  constructor(readonly data: Data) {
    this.files = new Map((data.files ?? []).map(f => [f.path, f]));
  }

  get(id: string): View | undefined {
    if (!this.made.has(id)) this.made.set(id, this.make(id));
    return this.made.get(id);
  }

  private make(id: string): View | undefined {
    switch (id) {
      case 'findings': return this.findings();
      case 'packages': return this.packages();
      case 'licences': return this.licences();
      case 'tests': return this.tests();
      case 'accessibility': return this.accessibility();
      case 'attestations': return this.attestations();
      case 'controls': return this.controls();
      case 'files': return this.fileList();
      case 'changes': return this.data.changes && this.changes();
    }
    return undefined;
  }

  private sources(list?: string[]) {
    return list?.length ? <Sources list={list} files={this.files} /> : undefined;
  }

  // path is how a component came into the image. A loop in the data ends it.
  private path(p?: Package) {
    if (!p) return undefined;
    if (p.via === undefined) return p.direct ? 'itself: nothing else brings it in' : undefined;
    const steps = [p];
    for (let at = this.data.packages?.[p.via]; at && !steps.includes(at) && steps.length < 50; at = at.via === undefined ? undefined : this.data.packages?.[at.via]) steps.unshift(at);
    return <ol class="path">{steps.map((s, i) => <li key={i}>{s !== p ? <a href={href('packages', { open: packageKey(s) })}>{s.name} {s.version}</a> : `${s.name} ${s.version ?? ''}`}</li>)}</ol>;
  }

  findingDetails(f: Finding) {
    const component = f.component === undefined ? undefined : this.data.packages?.[f.component];
    return <>
      {f.title && <p>{f.title}</p>}
      <Facts list={[
        ['Package', component
          ? <a href={href('packages', { open: packageKey(component) })}>{component.name} {component.version}</a>
          : f.package && `${f.package} ${f.installed ?? ''}`],
        ['Package URL', component?.purl && <code>{component.purl}</code>],
        ['Fix', f.fixed?.length ? `upgrade to ${f.fixed.join(' or ')}` : 'no fixed version is known'],
        ['Comes in by', this.path(component)],
        ['Image', subject(f.image)],
        ['Reachable', f.reachable],
        ['Severity', f.ratings?.length
          ? <ul>{f.ratings.map((r, i) => <li key={i}><Severity of={r.severity} score={r.score} /> {r.by}</li>)}</ul>
          : <Severity of={f.severity} score={f.score} />],
        ['Waived by', f.waivers?.length
          ? <ul>{f.waivers.map((w, i) => <li key={i}><span class="badge">{w.kind}</span> {w.text}{w.source && <> <FileLink path={w.source} /></>}</li>)}</ul>
          : 'nobody'],
        ['Also known as', f.aliases?.join(', ')],
        ['Who says so', this.sources(f.sources)],
        ['SBOM', this.sources(component?.sources)],
        ['Read more', f.references?.length && <ul>{f.references.map(r => <li key={r}><Reference to={r} /></li>)}</ul>],
      ]} />
    </>;
  }

  private findings(): View {
    const { data } = this;
    const before = data.changes?.version;
    const table: Table<Finding> = {
      id: 'findings', title: 'findings', rows: data.findings ?? [], key: findingKey,
      columns: [
        { id: 'id', title: 'Finding', value: f => f.id },
        { id: 'severity', title: 'Severity', value: f => f.severity, rank: f => rank(f.severity) * 100 - (f.score ?? 0), cell: f => <><Severity of={f.severity} score={f.score} />{f.new && <> <span class="badge new">new</span></>}</> },
        { id: 'package', title: 'Package', value: f => f.package ?? '' },
        { id: 'installed', title: 'Installed', value: f => f.installed ?? '', room: 2 },
        { id: 'fixed', title: 'Fixed in', value: f => f.fixed?.join(', ') ?? '', cell: f => f.fixed?.length ? f.fixed.join(', ') : <span class="quiet">no fix known</span> },
        imageColumn,
        { id: 'title', title: 'Title', value: f => f.title ?? '', cell: f => <span class="clip">{f.title}</span>, room: 3 },
      ],
      facets: [
        { id: 'severity', title: 'Severity', of: f => shown(f.severity), order: severities },
        imageFacet,
        { id: 'fix', title: 'Fix', of: f => f.fixed?.length ? 'available' : 'none', label: v => v === 'none' ? 'none known' : v },
        ...(before ? [{ id: 'since', title: 'Since', of: (f: Finding) => f.new ? before : 'before', label: (v: string) => v === 'before' ? `already in ${before}` : `new since ${v}` }] : []),
        { id: 'type', title: 'Type', of: f => f.component === undefined ? '' : data.packages?.[f.component]?.type ?? '' },
        { id: 'waived', title: 'Waived', of: f => f.waivers?.length ? f.waivers.map(w => w.kind) : 'no' },
        { id: 'reachable', title: 'Reachable', of: f => f.reachable ?? '' },
      ],
      text: f => [...f.aliases ?? [], ...f.sources ?? []].join('\n'),
      details: f => this.findingDetails(f),
    };
    const broken = (data.scans ?? []).filter(s => !s.complete);
    const above = broken.length > 0 && <p class="note">These scans are not complete: {broken.slice(0, 20).map(s => s.file).join(', ')}. What they do not list may be there all the same.</p>;
    return { id: 'findings', title: 'Findings', table, above };
  }

  private findingsOf(p: Package): Finding[] {
    if (!this.byComponent) {
      this.byComponent = new Map();
      for (const f of this.data.findings ?? []) {
        if (f.component === undefined) continue;
        const list = this.byComponent.get(f.component);
        if (list) list.push(f); else this.byComponent.set(f.component, [f]);
      }
      this.data.packages?.forEach((p, i) => this.indexes.set(p, i));
    }
    return this.byComponent.get(this.indexes.get(p)!) ?? [];
  }
  private readonly indexes = new Map<Package, number>();

  private packages(): View {
    const relation = (p: Package) => p.direct ? 'direct' : p.via !== undefined ? 'transitive' : '';
    const table: Table<Package> = {
      id: 'packages', title: 'packages', rows: this.data.packages ?? [], key: packageKey,
      columns: [
        { id: 'name', title: 'Package', value: p => p.name },
        { id: 'version', title: 'Version', value: p => p.version ?? '' },
        { id: 'type', title: 'Type', value: p => p.type ?? '', room: 2 },
        { id: 'licence', title: 'Licence', value: p => p.license ?? '', cell: p => p.license || <span class="quiet">not known</span> },
        { id: 'category', title: 'Category', value: p => p.category ?? '', room: 3 },
        { id: 'relation', title: 'Relation', value: relation, room: 3 },
        { id: 'findings', title: 'Findings', numeric: true, value: p => this.findingsOf(p).length, room: 2 },
        imageColumn,
      ],
      facets: [
        imageFacet,
        { id: 'type', title: 'Type', of: p => p.type ?? '', label: v => v || 'other' },
        { id: 'licence', title: 'Licence', of: p => p.license ?? '', label: v => v || 'not known' },
        { id: 'category', title: 'Category', of: p => p.category ?? '', label: v => v || 'not known' },
        { id: 'relation', title: 'Relation', of: relation },
        { id: 'findings', title: 'Findings', of: p => this.findingsOf(p).length ? 'with' : 'without' },
      ],
      text: p => p.purl ?? '',
      details: p => {
        const found = this.findingsOf(p);
        return <Facts list={[
          ['Package URL', p.purl && <code>{p.purl}</code>],
          ['Version', p.version],
          ['Licence', p.license ? <a href={href('licences', { open: p.license })}>{p.license}</a> : 'not known'],
          ['Category', p.category],
          ['Image', subject(p.image)],
          ['Comes in by', this.path(p)],
          ['Findings', found.length ? <ul>{found.map((f, i) => <li key={i}><Severity of={f.severity} score={f.score} /> <a href={href('findings', { open: findingKey(f) })}>{f.id}</a> {f.fixed?.length ? `fixed in ${f.fixed.join(', ')}` : 'no fix known'}</li>)}</ul> : 'none'],
          ['Stands in', this.sources(p.sources)],
        ]} />;
      },
    };
    return { id: 'packages', title: 'Packages', table };
  }

  private licences(): View {
    const table: Table<License> = {
      id: 'licences', title: 'licences', rows: this.data.licenses ?? [], key: l => l.id,
      columns: [
        { id: 'licence', title: 'Licence', value: l => l.id || 'not known' },
        { id: 'category', title: 'Category', value: l => l.category },
        { id: 'packages', title: 'Packages', numeric: true, value: l => l.packages },
        { id: 'modules', title: 'Only in licence reports', numeric: true, value: l => l.modules?.length ?? 0, room: 2 },
      ],
      facets: [{ id: 'category', title: 'Category', of: l => l.category, label: v => v || 'unknown' }],
      text: l => l.modules?.join('\n') ?? '',
      details: l => <Facts list={[
        ['Category', l.category || 'unknown'],
        ['Packages', l.packages ? <a href={href('packages', { licence: l.id })}>{count(l.packages, 'package')}</a> : 'none in an SBOM'],
        ['In reports', l.modules?.length ? <ul>{l.modules.map(m => <li key={m}>{m}</li>)}</ul> : undefined],
      ]} />,
    };
    return { id: 'licences', title: 'Licences', table };
  }

  private tests(): View {
    const { data } = this;
    const table: Table<Test> = {
      id: 'tests', title: 'tests', rows: data.tests ?? [], key: t => `${t.suite ?? ''}|${t.name}`,
      columns: [
        { id: 'name', title: 'Test', value: t => t.name },
        { id: 'outcome', title: 'Outcome', value: t => t.outcome, cell: t => <span class={'badge out-' + t.outcome}>{t.outcome}</span> },
        { id: 'suite', title: 'Suite', value: t => t.suite ?? '', room: 2 },
        { id: 'seconds', title: 'Seconds', numeric: true, value: t => t.seconds ?? 0, cell: t => t.seconds?.toFixed(1) ?? '', room: 2 },
        { id: 'pictures', title: 'Pictures', numeric: true, value: t => t.pictures?.length ?? 0, room: 2 },
      ],
      facets: [
        { id: 'outcome', title: 'Outcome', of: t => t.outcome, order: ['failed', 'error', 'flaky', 'skipped', 'passed'] },
        { id: 'suite', title: 'Suite', of: t => t.suite ?? '' },
        { id: 'pictures', title: 'Pictures', of: t => t.pictures?.length ? 'with' : 'without' },
      ],
      text: t => t.message ?? '',
      details: t => <>
        <Facts list={[
          ['Suite', t.suite],
          ['Message', t.message && <pre>{t.message}</pre>],
          ['Stands in', this.sources(t.sources)],
        ]} />
        <Pictures list={t.pictures} data={data} />
      </>,
    };
    const used = new Set((data.tests ?? []).flatMap(t => t.pictures ?? []));
    const rest = (data.pictures ?? []).map((_, i) => i).filter(i => !used.has(i));
    return { id: 'tests', title: 'Tests', table, below: rest.length > 0 && <><h3>Pictures that no test names</h3><Pictures list={rest.slice(0, 200)} data={data} /></> };
  }

  private accessibility(): View {
    const pages = this.data.pages ?? [];
    type Row = Rule & { page: WebPage };
    const rows: Row[] = pages.flatMap(page => (page.rules ?? []).map(rule => ({ ...rule, page })));
    const outcomes: Record<string, string> = { violation: 'fails', review: 'to look at', advice: 'advice' };
    const styles: Record<string, string> = { violation: 'out-failed', review: 'out-flaky' };
    const of = (list: Rule[] | undefined, outcome: string) => (list ?? []).reduce((n, r) => n + (r.outcome === outcome ? r.elements : 0), 0);
    const table: Table<Row> = {
      id: 'accessibility', title: 'results', rows, key: r => `${r.page.url}|${r.id}|${r.outcome}`,
      columns: [
        { id: 'rule', title: 'Rule', value: r => r.id },
        { id: 'outcome', title: 'Result', value: r => outcomes[r.outcome] ?? r.outcome, cell: r => <span class={'badge ' + (styles[r.outcome] ?? '')}>{outcomes[r.outcome] ?? r.outcome}</span> },
        { id: 'page', title: 'Page', value: r => r.page.url, room: 2 },
        { id: 'criteria', title: 'Criteria', value: r => r.criteria?.join(', ') ?? '', room: 2 },
        { id: 'impact', title: 'Impact', value: r => r.impact ?? '', room: 3 },
        { id: 'elements', title: 'Elements', numeric: true, value: r => r.elements },
      ],
      facets: [
        { id: 'outcome', title: 'Result', of: r => r.outcome, label: v => outcomes[v] ?? v, order: ['violation', 'review', 'advice'] },
        { id: 'page', title: 'Page', of: r => r.page.url },
        { id: 'impact', title: 'Impact', of: r => r.impact ?? '' },
      ],
      text: r => [r.help, ...r.targets ?? []].join('\n'),
      details: r => <Facts list={[
        ['Asks for', r.help],
        ['Page', r.page.url],
        ['Elements', r.targets?.length ? <ul>{r.targets.map((t, i) => <li key={i}><code>{t}</code></li>)}{r.elements > r.targets.length && <li class="quiet">and {r.elements - r.targets.length} more</li>}</ul> : String(r.elements)],
        ['Stands in', this.sources(r.page.sources)],
      ]} />,
    };
    const above = <div class="wrap"><table>
      <caption>{count(pages.length, 'page')} tested</caption>
      <thead><tr><th scope="col">Page</th><th scope="col" class="number">Fail A or AA</th><th scope="col" class="number">To look at</th><th scope="col" class="number p2">Advice</th><th scope="col" class="p2">Tested</th></tr></thead>
      <tbody>{pages.slice(0, 200).map((p, i) => <tr key={i}>
        <th scope="row">{p.url || 'address not stated'}{p.notes?.map(n => <div key={n}><span class="badge warn">note</span> {n}</div>)}</th>
        <td class="number">{of(p.rules, 'violation')}</td><td class="number">{of(p.rules, 'review')}</td><td class="number p2">{of(p.rules, 'advice')}</td><td class="p2">{p.engine}, {when(p.time)}</td>
      </tr>)}</tbody>
    </table></div>;
    const criteria = this.data.criteria ?? [];
    const below = criteria.length > 0 && <><h3>Success criteria of WCAG 2.1, level A and AA</h3><div class="wrap"><table>
      <caption>A machine can test some of them; the others need a person</caption>
      <thead><tr><th scope="col">Criterion</th><th scope="col">Level</th><th scope="col">Result</th><th scope="col" class="number">Elements</th></tr></thead>
      <tbody>{criteria.map(c => <tr key={c.id}><th scope="row">{c.id} {c.name}</th><td>{c.level}</td><td>{c.status}</td><td class="number">{c.elements || ''}</td></tr>)}</tbody>
    </table></div></>;
    return { id: 'accessibility', title: 'Accessibility', table, above, below };
  }

  private attestations(): View {
    const table: Table<Attestation> = {
      id: 'attestations', title: 'attestations', rows: this.data.attestations ?? [], key: a => a.file,
      columns: [
        { id: 'type', title: 'Type', value: a => a.type },
        { id: 'image', title: 'Image', value: a => subject(a.image) },
        { id: 'about', title: 'About', value: a => a.about ?? a.subject ?? '', room: 2 },
        { id: 'identity', title: 'Claimed signer', value: a => a.identity ?? '', room: 3 },
        { id: 'time', title: 'Signed', value: a => a.time ?? '', cell: a => when(a.time), room: 2 },
      ],
      facets: [imageFacet, { id: 'type', title: 'Type', of: a => a.type }, { id: 'identity', title: 'Claimed signer', of: a => a.identity ?? '' }],
      text: a => [a.subject, a.issuer, a.file].join('\n'),
      details: a => <Facts list={[
        ['Subject', a.subject && <code class="hash">{a.subject}</code>],
        ['About', a.about],
        ['Claimed signer', a.identity],
        ['Claimed issuer', a.issuer],
        ['Signed', when(a.time)],
        ['Stands in', this.sources([a.file])],
        ['Verify', <a href={a.image ? '#images/' + encodeURIComponent(a.image) : '#verify'}>the commands</a>],
      ]} />,
    };
    return { id: 'attestations', title: 'Attestations', table, above: <p class="quiet">What signatures and statements in this pack say of themselves. Nothing on this page verified them: <a href="#verify">how to verify</a>.</p> };
  }

  private controls(): View {
    const rows = this.data.controls ?? [];
    const statuses = ['not satisfied', 'declared gap', 'satisfied', 'not assessed'];
    const table: Table<Control> = {
      id: 'controls', title: 'controls', rows, key: c => c.framework + '|' + c.id,
      columns: [
        { id: 'id', title: 'Control', value: c => c.id },
        { id: 'framework', title: 'Framework', value: c => c.framework },
        { id: 'about', title: 'About', value: c => c.about ?? '', room: 2 },
        { id: 'status', title: 'Status', value: c => c.status, rank: c => statuses.indexOf(c.status) },
        { id: 'reason', title: 'Why', value: c => c.reason ?? '', room: 3 },
      ],
      facets: [{ id: 'status', title: 'Status', of: c => c.status }, { id: 'framework', title: 'Framework', of: c => c.framework }],
      text: c => [...(c.checks ?? []), ...(c.files ?? [])].join('\n'),
      details: c => <Facts list={[['About', c.about], ['Why', c.reason], ['Checks', c.checks?.join(', ')], ['Evidence', this.sources(c.files)]]} />,
    };
    const above = <p class="quiet">What the files of this pack show by themselves. Who signed them, and whether this pack is the published one, depends on whom you expect: trustpack-export, with the same flags as
      trustpack-verify, judges these controls too. Evidence that only supports an assessment never satisfies a control.</p>;
    return { id: 'controls', title: 'Controls', table, above };
  }

  private fileList(): View {
    const table: Table<File> = {
      id: 'files', title: 'files', rows: this.data.files ?? [], key: f => f.path,
      columns: [
        { id: 'path', title: 'File', value: f => f.path },
        { id: 'kind', title: 'Kind', value: f => f.kind },
        { id: 'image', title: 'Image', value: f => f.image ?? '', room: 2 },
        { id: 'tool', title: 'Tool', value: f => f.tool ?? '', room: 3 },
        { id: 'size', title: 'Size', numeric: true, value: f => f.size, cell: f => size(f.size), room: 2 },
        { id: 'sha256', title: 'SHA-256', value: f => f.sha256, cell: f => <code class="hash">{f.sha256}</code>, room: 3 },
      ],
      facets: [{ id: 'kind', title: 'Kind', of: f => f.kind }, imageFacet, { id: 'format', title: 'Format', of: f => f.format ?? '' }, { id: 'tool', title: 'Tool', of: f => f.tool ?? '' }],
      text: f => f.format ?? '',
      details: f => <Facts list={[
        ['Open', <FileLink path={f.path} />],
        ['SHA-256', <code class="hash">{f.sha256}</code>],
        ['Size', size(f.size)],
        ['Format', f.format],
        ['Made by', f.tool],
        ['Image', f.image],
      ]} />,
    };
    return { id: 'files', title: 'Files', table, above: <p class="quiet">Links open the file when the pack is extracted.</p> };
  }

  private changes(): View {
    const changes = this.data.changes!;
    const rows = changes.rows ?? [];
    const added = (severity: string) => rows.filter(r => r.kind === 'finding' && r.what === 'added' && r.severity === severity).length;
    const fixed = rows.filter(r => r.kind === 'finding' && r.what === 'removed').length;
    const total = (kind: string, what: string) => rows.filter(r => r.kind === kind && r.what === what).length;
    const table: Table<Change> = {
      id: 'changes', title: 'changes', rows, key: r => [r.kind, r.what, r.image, r.name].join('|'),
      columns: [
        { id: 'name', title: 'What', value: r => r.name },
        { id: 'kind', title: 'Kind', value: r => r.kind },
        { id: 'what', title: 'Change', value: r => r.what, cell: r => <span class={'badge what-' + r.what + (unwanted.includes(r.kind) ? ' unwanted' : '')}>{({ added: '+ ', removed: '− ', changed: '~ ' } as Record<string, string>)[r.what]}{r.what}</span> },
        { id: 'severity', title: 'Severity', value: r => r.severity ?? '', rank: r => r.severity ? rank(r.severity) : -9, cell: r => r.severity && <Severity of={r.severity} />, room: 2 },
        { id: 'before', title: `In ${changes.version}`, value: r => r.before ?? '', cell: r => digest(r.before), room: 2 },
        { id: 'after', title: `In ${this.data.version}`, value: r => r.after ?? '', cell: r => digest(r.after), room: 2 },
        { ...imageColumn, room: 3 as const },
      ],
      facets: [
        { id: 'kind', title: 'Kind', of: r => r.kind },
        { id: 'what', title: 'Change', of: r => r.what, order: ['added', 'removed', 'changed'] },
        { id: 'severity', title: 'Severity', of: r => r.severity ? shown(r.severity) : '', order: severities },
        imageFacet,
      ],
      text: () => '',
      details: r => <Facts list={[['In ' + changes.version, r.before || 'absent'], ['In ' + this.data.version, r.after || 'absent'], ['Image', subject(r.image)],
        ['See', r.what === 'removed' ? undefined : r.kind === 'finding' ? <a href={href('findings', { q: r.name, image: r.image ?? '' })}>the finding</a> : r.kind === 'package' ? <a href={href('packages', { q: r.name, image: r.image ?? '' })}>the package</a> : undefined]]} />,
    };
    const to = (kind: string, what: string, text: string, severity?: string) => <li><a href={href('changes', { kind, what, ...(severity ? { severity } : {}) })}>{text}</a></li>;
    return {
      id: 'changes', title: 'What changed', table,
      above: <>
        <p>Since release <b>{changes.version}</b>, whose pack has the content digest <code class="hash">{changes.contentDigest}</code>.</p>
        <ul class="totals">
          {to('finding', 'added', `${added('critical')} new critical`, 'critical')}
          {to('finding', 'added', `${added('high')} new high`, 'high')}
          {to('finding', 'removed', `${fixed} findings gone`)}
          {to('package', 'added', `${total('package', 'added')} packages added`)}
          {to('package', 'removed', `${total('package', 'removed')} removed`)}
          {to('package', 'changed', `${total('package', 'changed')} changed`)}
        </ul>
        {changes.notCompared?.map(n => <p class="note" key={n}>Not compared: {n}</p>)}
      </>,
    };
  }
}
