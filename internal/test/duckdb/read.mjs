// node read.mjs LAKE: counts the rows of each table, the nulls of each column, and the characters of source_path.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const lake = process.argv[2];
const out = {};
for (const table of readdirSync(join(lake, 'tables'))) {
  const found = { Rows: 0, Nulls: {}, Sum: { source_path: 0 } };
  for (const product of readdirSync(join(lake, 'tables', table))) {
    for (const name of readdirSync(join(lake, 'tables', table, product))) {
      const bytes = readFileSync(join(lake, 'tables', table, product, name));
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      for (const row of await parquetReadObjects({ file, compressors })) {
        found.Rows++;
        found.Sum.source_path += [...(row.source_path ?? '')].length;
        for (const [column, value] of Object.entries(row)) {
          if (value === null || value === undefined) found.Nulls[column] = (found.Nulls[column] ?? 0) + 1;
        }
      }
    }
  }
  out[table] = found;
}
console.log(JSON.stringify(out));
