// Shows the view that the fragment names. The overview, the images and how to verify are
// in the page already; the script hides and shows them, and renders the other views.

import { render } from 'preact';
import { read, type Data } from './data';
import { PrintReport } from './print';
import { parse, type Route } from './route';
import { TableView } from './table';
import { copy, say } from './ui';
import { Views } from './views';

const statics = [...document.querySelectorAll<HTMLElement>('section.static')];
const links = [...document.querySelectorAll<HTMLAnchorElement>('nav.views a')];
const names = links.map(a => a.hash.slice(1));
const title = document.title;

// Each view has its place from the start, so that a link never leads nowhere.
const places = new Map(names.filter(name => !document.getElementById(name)).map(name => {
  const place = document.createElement('section');
  place.id = name;
  place.className = 'view';
  place.setAttribute('aria-labelledby', name + '-title');
  document.getElementById('app')!.append(place);
  return [name, place];
}));
const paper = document.createElement('div'); // what is printed beside the overview
document.getElementById('app')!.append(paper);

let views: Views | undefined; // until the data is read
const home = names.includes('changes') ? 'changes' : 'overview';
let route: Route = { view: home, params: new URLSearchParams() };
let printing = false;

// resolve finds the view of a route: the gaps are a part of the overview, and so on.
function resolve(r: Route): string {
  const name = r.view.split('/')[0]!;
  if (name === 'gaps') return 'overview';
  return names.includes(name) ? name : '';
}

function paint() {
  const name = resolve(route);
  for (const s of statics) s.hidden = !(s.id === name || printing && name === 'overview');
  for (const a of links) {
    if (a.hash === '#' + name) a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
  }
  const image = name === 'images' ? route.view.slice(7) : '';
  for (const a of document.querySelectorAll<HTMLElement>('article.image[data-image]')) a.hidden = image !== '' && a.dataset.image !== image;
  for (const a of document.querySelectorAll<HTMLElement>('.show-all')) a.hidden = image === '';
  const view = views?.get(name);
  const label = links.find(a => a.hash === '#' + name)?.firstChild?.textContent;
  document.title = name === 'overview' ? title : `${label} – ${title}`;
  render(printing && views && name === 'overview' ? <PrintReport views={views} /> : null, paper);
  for (const [id, place] of places) {
    place.hidden = id !== name;
    render(id !== name ? null : view ? <>
      <h2 id={id + '-title'} tabIndex={-1}>{view.title}</h2>
      {view.above}
      <TableView table={view.table} params={route.params} go={go} printing={printing} />
      {view.below}
    </> : <p class="empty">Reading the data …</p>, place);
  }
}

// go changes what is shown of the same view; the history gets no entry for each key.
function go(params: URLSearchParams) {
  route = { view: route.view, params };
  const text = params.toString();
  try { history.replaceState(null, '', '#' + route.view + (text && '?' + text)); } catch { /* a viewer that allows no address: the view changes all the same */ }
  paint();
}

// follow shows what the address names.
function follow(moveFocus: boolean) {
  const next = parse(location.hash);
  if (resolve(next)) route = next;
  else if (!location.hash) route = { view: home, params: new URLSearchParams() };
  else if (moveFocus) return; // a place in the page
  paint();
  links.find(a => a.getAttribute('aria-current'))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const opened = document.querySelector<HTMLElement>('[aria-expanded=true]');
  if (!moveFocus) {
    opened?.scrollIntoView({ block: 'start' });
    return;
  }
  const place = route.view === 'gaps' ? document.getElementById('gaps') : undefined;
  const target = place ?? opened ?? document.getElementById(resolve(route) + '-title');
  target?.focus({ preventScroll: true });
  if (place ?? opened) target?.scrollIntoView({ block: 'start' }); else scrollTo(0, 0);
}

function print(on: boolean) {
  if (on === printing) return;
  printing = on;
  for (const d of document.querySelectorAll<HTMLDetailsElement>('section.static details')) d.open = on;
  paint();
}

function start(data: Data) {
  views = new Views(data);
  follow(false);
}

document.documentElement.classList.add('js');
document.addEventListener('click', event => {
  const target = event.target as Element;
  for (const open of document.querySelectorAll<HTMLDetailsElement>('details.facet[open]')) if (!open.contains(target)) open.open = false;
  if (target.closest('a.skip')) {
    event.preventDefault();
    document.getElementById('main')!.focus();
  }
  const button = target.closest('button.copy');
  const command = button?.parentElement?.querySelector('code')?.textContent;
  if (command) copy(command).then(done => say(done ? 'Command copied.' : 'Copying failed: select the command and copy it.'));
});
addEventListener('hashchange', () => follow(true));
addEventListener('beforeprint', () => print(true));
addEventListener('afterprint', () => print(false));
matchMedia('print').addEventListener('change', e => print(e.matches));

const block = document.getElementById('data')!;
if (!block.dataset.encoding) {
  start(JSON.parse(block.textContent ?? ''));
} else {
  follow(false);
  read(block).then(start, () => {
    render(<p class="note">This browser cannot read the data of this page: search, tables and details are missing. A browser of 2023 or later can.</p>, paper);
  });
}
