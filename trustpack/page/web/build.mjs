// Bundles the script and the style of the page into ../app.js and ../app.css, or with
// --out DIR into that folder. The bytes depend on the sources and the lock file only.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const flag = process.argv.indexOf('--out');
const outdir = flag < 0 ? path.dirname(here) : process.argv[flag + 1];

await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx' },
  outdir,
  bundle: true,
  minify: true,
  charset: 'ascii',
  format: 'iife',
  target: ['chrome100', 'firefox113', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});
await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/style.css' },
  outdir,
  minify: true,
  charset: 'ascii',
  target: ['chrome100', 'firefox113', 'safari16.4'],
  logLevel: 'warning',
});
