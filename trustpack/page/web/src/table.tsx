// A table with search, facets, order, pages, details and CSV. All of its state is in the fragment.

import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { csv } from './csv';
import { select, textOf, type Column, type Selection, type Table } from './select';
import { copy, say } from './ui';

const perPage = 100;
const mostPrinted = 5000;
const mostValues = 300; // of a facet

export interface Props<T> {
  table: Table<T>;
  params: URLSearchParams;
  go: (params: URLSearchParams) => void;
  printing: boolean;
}

export function TableView<T>({ table, params, go, printing }: Props<T>) {
  const selection = select(table, params);
  const { rows } = selection;
  const open = new Set(params.getAll('open'));
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const asked = Number(params.get('page')) || pageOf(table, rows, open);
  const page = Math.min(Math.max(1, Math.floor(asked)), pages);
  const visible = printing ? rows.slice(0, mostPrinted) : rows.slice((page - 1) * perPage, page * perPage);
  const change = (edit: (p: URLSearchParams) => void) => {
    const next = new URLSearchParams(params);
    edit(next);
    go(next);
  };
  const filtered = rows.length !== table.rows.length;
  return <>
    <Tools {...{ table, params, selection, change }} />
    <Chips {...{ selection, change }} />
    <div class="state">
      <p role="status">{filtered ? `${rows.length.toLocaleString('en')} of ${table.rows.length.toLocaleString('en')} ${table.title}` : `${rows.length.toLocaleString('en')} ${table.title}`}</p>
      <span class="pager">
        <button type="button" onClick={() => copyRows(table, rows)}>Copy as CSV</button>
        {pages > 1 && <Pager {...{ page, pages, rows: rows.length, change }} />}
      </span>
    </div>
    <div class="wrap">
      <table class="grid">
        <caption class="away">{table.title}</caption>
        <thead><tr>{table.columns.map(c => <Head key={c.id} column={c} sort={params.get('sort') ?? ''} change={change} />)}</tr></thead>
        <tbody>{visible.map((row, i) => <Row key={i + '|' + table.key(row)} {...{ table, row, change }} open={open.has(table.key(row))} id={'row-' + i} />)}</tbody>
      </table>
    </div>
    {rows.length === 0 && <p class="empty">Nothing matches. <button type="button" onClick={() => go(new URLSearchParams())}>Clear the search and all filters</button></p>}
    {pages > 1 && rows.length > 0 && <div class="state"><span /><span class="pager"><Pager {...{ page, pages, rows: rows.length, change }} /></span></div>}
  </>;
}

// pageOf is the page with the first row whose details are open.
function pageOf<T>(table: Table<T>, rows: T[], open: Set<string>): number {
  if (!open.size) return 1;
  const at = rows.findIndex(row => open.has(table.key(row)));
  return at < 0 ? 1 : Math.floor(at / perPage) + 1;
}

type Change = (edit: (p: URLSearchParams) => void) => void;

function Tools<T>({ table, params, selection, change }: { table: Table<T>; params: URLSearchParams; selection: Selection<T>; change: Change }) {
  const toggle = (facet: string, value: string, on: boolean) => change(p => {
    if (on) p.append(facet, value); else p.delete(facet, value);
    p.delete('page');
    p.delete('open');
  });
  return <div class="tools" role="search" aria-label={table.title}>
    <input type="search" aria-label={'Search ' + table.title} placeholder={'Search ' + table.title} autocomplete="off" spellcheck={false}
      onFocus={() => textOf(table)} value={params.get('q') ?? ''} onInput={e => {
        const q = e.currentTarget.value;
        change(p => { if (q) p.set('q', q); else p.delete('q'); p.delete('page'); p.delete('open'); });
      }} />
    {selection.facets.filter(f => f.values.length > 1 || f.on.size).map(({ facet, on, values }) =>
      <details key={table.id + facet.id} class={'facet' + (on.size ? ' on' : '')} onKeyDown={closeOnEscape}>
        <summary>{facet.title}</summary>
        <fieldset>
          <legend class="away">{facet.title}</legend>
          {values.slice(0, mostValues).map(([value, n]) => <label key={value}>
            <input type="checkbox" checked={on.has(value)} onChange={e => toggle(facet.id, value, e.currentTarget.checked)} />
            <span>{name(facet, value)}</span><span class="number">{n.toLocaleString('en')}</span>
          </label>)}
          {values.length > mostValues && <p class="quiet">and {values.length - mostValues} more: search for them</p>}
        </fieldset>
      </details>)}
  </div>;
}

function closeOnEscape(e: TargetedKeyboardEvent<HTMLDetailsElement>) {
  if (e.key !== 'Escape' || !e.currentTarget.open) return;
  e.currentTarget.open = false;
  e.currentTarget.querySelector('summary')?.focus();
}

function name(facet: { label?: (v: string) => string }, value: string): string {
  return facet.label?.(value) || value || 'not stated';
}

function Chips<T>({ selection, change }: { selection: Selection<T>; change: Change }) {
  const chips = selection.facets.flatMap(({ facet, on }) => [...on].map(value => ({ facet, value })));
  if (!chips.length) return null;
  return <div class="chips">{chips.map(({ facet, value }) =>
    <button key={facet.id + '|' + value} type="button" aria-label={`Remove the filter ${facet.title}: ${name(facet, value)}`}
      onClick={() => change(p => { p.delete(facet.id, value); p.delete('page'); })}>{facet.title}: {name(facet, value)} ✕</button>)}
  </div>;
}

function Pager({ page, pages, rows, change }: { page: number; pages: number; rows: number; change: Change }) {
  const to = (n: number) => change(p => { p.set('page', String(n)); p.delete('open'); });
  return <>
    <span>{((page - 1) * perPage + 1).toLocaleString('en')}–{Math.min(page * perPage, rows).toLocaleString('en')}</span>
    <button type="button" disabled={page === 1} onClick={() => to(page - 1)}>Previous</button>
    <button type="button" disabled={page === pages} onClick={() => to(page + 1)}>Next</button>
  </>;
}

function Head<T>({ column, sort, change }: { column: Column<T>; sort: string; change: Change }) {
  const up = sort === column.id, down = sort === '-' + column.id;
  const next = up ? '-' + column.id : down ? '' : column.id;
  return <th scope="col" class={style(column)} aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
    <button type="button" onClick={() => change(p => { if (next) p.set('sort', next); else p.delete('sort'); p.delete('page'); })}>{column.title}</button>
  </th>;
}

// style of a cell: what is short keeps to one line where there is room.
function style<T>(column: Column<T>, row?: T): string {
  const short = row && String(column.value(row)).length <= 17;
  return (column.numeric ? 'number ' : '') + (short ? 'tight ' : '') + (column.room ? 'p' + column.room : '');
}

function Row<T>({ table, row, open, change, id }: { table: Table<T>; row: T; open: boolean; change: Change; id: string }) {
  const show = (c: Column<T>) => c.cell ? c.cell(row) : c.value(row);
  const toggle = () => change(p => {
    const key = table.key(row);
    if (p.has('open', key)) p.delete('open', key); else p.append('open', key);
  });
  const [first, ...rest] = table.columns as [Column<T>, ...Column<T>[]];
  const details = table.details;
  const clicked = (e: TargetedMouseEvent<HTMLTableRowElement>) => {
    const target = e.target as Element;
    if (!target.closest('a, button, input') && !getSelection()?.toString()) toggle();
  };
  return <>
    <tr class={'row' + (open ? ' open' : '')} onClick={details && clicked}>
      <th scope="row" class={style(first, row)}>{details
        ? <button type="button" class="toggle" aria-expanded={open} aria-controls={open ? id : undefined} onClick={toggle}>{show(first)}</button>
        : show(first)}</th>
      {rest.map(c => <td key={c.id} class={style(c, row)}>{show(c)}</td>)}
    </tr>
    {open && details && <tr class="detail" id={id}><td colSpan={table.columns.length}>{details(row)}</td></tr>}
  </>;
}

async function copyRows<T>(table: Table<T>, rows: T[]) {
  const text = csv([table.columns.map(c => c.title), ...rows.map(row => table.columns.map(c => c.value(row)))]);
  say(await copy(text) ? `${rows.length} rows copied as CSV.` : 'Copying failed.');
}
