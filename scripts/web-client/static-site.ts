import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Serves a folder on a free port, with `config.json` replaced; addresses without a file are the app's own pages. */
export async function serveSite(
  folder: string,
  config: object,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    void readSite(folder, decodeURIComponent(pathname), config).then(({ type, content }) => {
      response.writeHead(200, { 'content-type': type }).end(content);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readSite(folder: string, pathname: string, config: object) {
  if (pathname === '/config.json') return { type: 'application/json', content: JSON.stringify(config) };
  const type = types[path.extname(pathname)];
  // Cinny asks for its WebAssembly beside whichever page it shows.
  for (const name of type ? [path.normalize(pathname), path.basename(pathname)] : []) {
    const content = await readFile(path.join(folder, name)).catch(() => undefined);
    if (type && content) return { type, content };
  }
  return { type: 'text/html', content: await readFile(path.join(folder, 'index.html')) };
}
