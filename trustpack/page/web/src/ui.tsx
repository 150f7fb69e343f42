// The small pieces that views are made of. Text comes in as text: nothing here makes HTML of it.

import type { ComponentChildren } from 'preact';
import type { Data, File } from './data';

export const severities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;

// shown joins the severities that need nobody's attention, as the overview counts them.
export function shown(severity: string): string {
  if (severity === 'negligible' || severity === 'none') return 'low';
  return (severities as readonly string[]).includes(severity) ? severity : 'unknown';
}

export function Severity({ of, score }: { of: string; score?: number }) {
  return <span class={'badge sev-' + shown(of)}>{of || 'unknown'}{score ? ' ' + score.toFixed(1) : ''}</span>;
}

export function count(n: number, noun: string): string {
  return n.toLocaleString('en') + ' ' + (n === 1 ? noun : noun.endsWith('y') ? noun.slice(0, -1) + 'ies' : noun + 's');
}

export function when(text?: string): string {
  const date = text ? new Date(text) : undefined;
  if (!date || isNaN(+date)) return text || 'not stated';
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

export function size(n: number): string {
  if (n < 1024) return n === 1 ? '1 byte' : n + ' bytes';
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let i = 0, value = n / 1024;
  while (value >= 1024 && i < units.length - 1) { value /= 1024; i++; }
  return value.toFixed(value < 10 ? 1 : 0) + ' ' + units[i];
}

// passive are the file types that no browser runs; render.go has the same list.
const passive = /\.(json|sarif|csv|txt|md|png|jpe?g|pem|pub|crt|ya?ml|hcl|mod|sum|log|bundle|gz|zip|spdx)$/i;

function address(path: string): string | undefined {
  return passive.test(path) ? './' + path.split('/').map(encodeURIComponent).join('/') : undefined;
}

export function FileLink({ path, children }: { path: string; children?: ComponentChildren }) {
  const to = address(path);
  return to ? <a href={to} rel="noreferrer">{children ?? path}</a> : <>{children ?? path}</>;
}

// Reference is a link to another site, for a person to follow; only addresses of the web are links.
export function Reference({ to }: { to: string }) {
  return /^https?:\/\//i.test(to) ? <a href={to} rel="noreferrer noopener">{to}</a> : <>{to}</>;
}

// Sources says where a fact stands: "path#pointer", and the SHA-256 of the file.
export function Sources({ list, files }: { list?: string[]; files: Map<string, File> }) {
  if (!list?.length) return null;
  return <ul class="sources">{list.map(source => {
    const at = source.indexOf('#');
    const path = at < 0 ? source : source.slice(0, at);
    const file = files.get(path);
    return <li key={source}><FileLink path={path}>{source}</FileLink>{file && <span class="hash">SHA-256 <code>{file.sha256}</code></span>}</li>;
  })}</ul>;
}

// Facts is a list of what is known: pairs without a value are left out.
export function Facts({ list }: { list: [string, ComponentChildren][] }) {
  return <dl>{list.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false).map(([name, value]) =>
    <><dt>{name}</dt><dd>{value}</dd></>)}</dl>;
}

export function subject(image?: string): string {
  return image || 'the release';
}

export function Pictures({ list, data }: { list?: number[]; data: Data }) {
  const pictures = (list ?? []).map(i => data.pictures?.[i]).filter(p => p !== undefined);
  if (!pictures.length) return null;
  return <div class="shots">{pictures.map(p => <figure key={p.file}>
    <FileLink path={p.file}>{p.thumbnail
      ? <img src={'data:image/png;base64,' + p.thumbnail} alt={'Screenshot ' + p.file} />
      : p.file}</FileLink>
    <figcaption>{p.thumbnail && <>{p.file}<br /></>}<span class="quiet">{p.width} × {p.height}</span></figcaption>
  </figure>)}</div>;
}

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'away';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

// say tells a person who hears the page what happened.
export function say(text: string) {
  document.getElementById('status')!.textContent = text;
}
