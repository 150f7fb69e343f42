// The fragment says what is shown: #VIEW?KEY=VALUE&… or #images/NAME.

export interface Route { view: string; params: URLSearchParams }

export function parse(fragment: string): Route {
  const text = fragment.replace(/^#/, '');
  const at = text.indexOf('?');
  const view = at < 0 ? text : text.slice(0, at);
  return { view: decode(view), params: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)) };
}

function decode(text: string): string {
  try { return decodeURIComponent(text); } catch { return text; }
}

// href writes the address of a view. Values that are empty lists are left out.
export function href(view: string, params: Record<string, string | string[]> = {}): string {
  const list = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) for (const v of [value].flat()) list.append(name, v);
  const text = list.toString();
  return '#' + view + (text && '?' + text);
}
