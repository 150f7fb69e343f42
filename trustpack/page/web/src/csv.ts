// CSV (RFC 4180) for spreadsheets. A cell that a spreadsheet would take for a
// formula gets an apostrophe in front: it then stays text.

const formula = /^[\s]*[=+\-@\t\r]/;
const number = /^[+-]?\d+(\.\d+)?$/;

export function cell(value: string | number): string {
  let text = String(value);
  if (formula.test(text) && !number.test(text)) text = "'" + text;
  return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

export function csv(rows: (string | number)[][]): string {
  return rows.map(row => row.map(cell).join(',') + '\r\n').join('');
}
