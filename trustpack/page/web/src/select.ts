// What a table shows of its rows: searched, filtered and sorted. Work on a key press is
// one pass over the rows; the text to search and the order are made once.

import type { ComponentChildren } from 'preact';

export interface Column<T> {
  id: string;
  title: string;
  value: (row: T) => string | number; // for CSV, and for the order where rank is not given
  rank?: (row: T) => number;
  cell?: (row: T) => ComponentChildren; // value by default
  numeric?: boolean;
  room?: 2 | 3; // 2: left out on a phone, 3: on a small window too; the details say it
}

export interface Facet<T> {
  id: string;
  title: string;
  of: (row: T) => string | string[];
  label?: (value: string) => string;
  order?: readonly string[]; // else the most frequent first
}

export interface Table<T> {
  id: string;
  title: string; // of what it lists, in the plural: "findings"
  rows: readonly T[];
  columns: Column<T>[]; // the first opens the details
  facets: Facet<T>[];
  key: (row: T) => string;
  text: (row: T) => string; // that is searched, beside the columns
  details?: (row: T) => ComponentChildren;
}

export interface Selection<T> {
  rows: T[];
  facets: { facet: Facet<T>; on: Set<string>; values: [string, number][] }[];
}

const texts = new WeakMap<object, string[]>();
const orders = new WeakMap<object, Map<string, number[]>>();
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function textOf<T>(table: Table<T>): string[] {
  let list = texts.get(table.rows);
  if (!list) {
    list = table.rows.map(row => (table.columns.map(c => c.value(row)).join('\n') + '\n' + table.text(row)).toLowerCase());
    texts.set(table.rows, list);
  }
  return list;
}

// orderOf returns the indexes of the rows in the order of a column: "name", "-name", or "" as they came.
function orderOf<T>(table: Table<T>, sort: string): number[] {
  let known = orders.get(table.rows);
  if (!known) orders.set(table.rows, known = new Map());
  let order = known.get(sort);
  if (order) return order;
  order = table.rows.map((_, i) => i);
  const down = sort.startsWith('-');
  const column = table.columns.find(c => c.id === (down ? sort.slice(1) : sort));
  if (column) {
    const rank = column.rank;
    const keys = table.rows.map(row => rank ? rank(row) : column.value(row));
    const sign = down ? -1 : 1;
    order.sort((a, b) => {
      const x = keys[a]!, y = keys[b]!;
      const by = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y));
      return sign * by || a - b;
    });
  }
  known.set(sort, order);
  return order;
}

export function select<T>(table: Table<T>, params: URLSearchParams): Selection<T> {
  const words = (params.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const text = words.length ? textOf(table) : [];
  const facets = table.facets.map(facet => ({ facet, on: new Set(params.getAll(facet.id)), counts: new Map<string, number>() }));
  const rows: T[] = [];
  for (const i of orderOf(table, params.get('sort') ?? '')) {
    if (!words.every(w => text[i]!.includes(w))) continue;
    const row = table.rows[i]!;
    // A facet counts the rows that all other facets let through.
    let missed = 0, miss = -1;
    const values = facets.map(({ facet, on }, f) => {
      const v = [facet.of(row)].flat();
      if (on.size && !v.some(x => on.has(x))) { missed++; miss = f; }
      return v;
    });
    if (missed === 0) rows.push(row);
    if (missed > 1) continue;
    facets.forEach(({ counts }, f) => {
      if (missed === 0 || miss === f) for (const v of values[f]!) counts.set(v, (counts.get(v) ?? 0) + 1);
    });
  }
  return {
    rows,
    facets: facets.map(({ facet, on, counts }) => {
      for (const v of on) if (!counts.has(v)) counts.set(v, 0);
      const order = facet.order;
      const values = [...counts].sort(([a, n], [b, m]) => order ? order.indexOf(a) - order.indexOf(b) || collator.compare(a, b) : m - n || collator.compare(a, b));
      return { facet, on, values };
    }),
  };
}
