// The data of the page, as data.go documents them, and how they come out of it.
// Every string is hostile text.

export interface Data {
  rules: number; product: string; version: string; tag?: string; commit?: string; repository?: string; created?: string;
  images?: Image[]; artifacts?: Artifact[]; scans?: Scan[]; findings?: Finding[]; packages?: Package[]; licenses?: License[];
  tests?: Test[]; pictures?: Picture[]; pages?: WebPage[]; criteria?: Criterion[]; attestations?: Attestation[];
  controls?: Control[]; files?: File[]; gaps?: Gap[]; notes?: string[]; commands?: Command[]; changes?: Changes;
}
export interface Image {
  name: string; reference: string; digest: string; platform?: string; signed: boolean; identity?: string; issuer?: string; commands?: Command[];
}
export interface Command { label: string; line: string; weak?: boolean }
export interface Artifact { name: string; kind: string; id?: string; sha256?: string }
export interface Scan { image?: string; tool?: string; time?: string; database?: string; complete: boolean; file: string }
export interface Finding {
  id: string; aliases?: string[]; severity: string; score?: number; title?: string; image?: string; component?: number;
  package?: string; installed?: string; fixed?: string[]; reachable?: string; references?: string[]; ratings?: Rating[];
  waivers?: Waiver[]; new?: boolean; sources?: string[];
}
export interface Rating { by: string; severity: string; score?: number }
export interface Waiver { kind: string; text: string; source?: string }
export interface Package {
  name: string; version?: string; type?: string; purl?: string; image?: string; license?: string; category?: string;
  direct?: boolean; via?: number; sources?: string[];
}
export interface License { id: string; category: string; packages: number; modules?: string[] }
export interface Test {
  name: string; suite?: string; outcome: string; seconds?: number; message?: string; pictures?: number[]; sources?: string[];
}
export interface Picture { file: string; width: number; height: number; thumbnail?: string }
export interface WebPage { url: string; engine?: string; time?: string; notes?: string[]; rules?: Rule[]; sources?: string[] }
export interface Rule { id: string; help?: string; outcome: string; impact?: string; criteria?: string[]; elements: number; targets?: string[] }
export interface Criterion { id: string; name: string; level: string; status: string; elements?: number }
export interface Attestation {
  image?: string; type: string; subject?: string; about?: string; identity?: string; issuer?: string; time?: string; file: string;
}
export interface Control { framework: string; id: string; about?: string; status: string; reason?: string; checks?: string[]; files?: string[] }
export interface File { path: string; kind: string; format?: string; image?: string; tool?: string; size: number; sha256: string }
export interface Gap { kind: string; image?: string; reason: string; target?: string }
export interface Changes { version: string; commit?: string; sha256: string; contentDigest: string; rows?: Change[]; notCompared?: string[] }
export interface Change { kind: string; what: string; image?: string; name: string; before?: string; after?: string; severity?: string }

// read takes the data out of the document.
export async function read(element: HTMLElement): Promise<Data> {
  const text = element.textContent ?? '';
  if (element.dataset.encoding !== 'deflate-base64') return JSON.parse(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}
