// A small stand-in for the product: three pages, one of them with a known
// accessibility fault, and an API that answers slowly once.
import { createServer } from 'node:http';

const page = (title, body) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>${title} - Sample</title><style>body{font:16px/1.5 sans-serif;margin:2rem;color:#222;background:#fff}
th,td{padding:.25rem 1rem;text-align:left}button{font:inherit}</style></head>
<body><header><nav aria-label="Main"><a href="/">Dashboard</a> <a href="/assets">Assets</a> <a href="/login">Log in</a></nav></header>
<main><h1>${title}</h1>${body}</main></body></html>`;

const pages = {
  '/': page('Dashboard', `<p id="state" role="status">Idle</p><button id="scan">Start scan</button>
<script>document.getElementById('scan').onclick=()=>{document.getElementById('state').textContent='Scanning'}</script>`),
  '/assets': page('Assets', `<table><caption>Hosts</caption><thead><tr><th scope="col">Host</th><th scope="col">Findings</th></tr></thead>
<tbody><tr><td>web &lt;1&gt;</td><td>3</td></tr><tr><td>日本.example</td><td>0</td></tr></tbody></table>`),
  '/login': page('Log in', `<form><p><label for="user">User</label> <input id="user" autocomplete="username"></p>
<p style="color:#999">Forgotten your password?</p><p><button>Log in</button></p></form>`),
};

createServer((request, response) => {
  const body = pages[request.url];
  response.writeHead(body ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
  response.end(body ?? page('Not found', '<p>No such page.</p>'));
}).listen(Number(process.env.PORT ?? 8099), '127.0.0.1');
