import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '../web-client/playwright.ts';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/**
 * Lets the page find a folder at an address of the internet, which it otherwise does not reach: OAuth wants clients to
 * have one, by https.
 */
export async function serveAs(page: Page, origin: string, folder: string, config: object): Promise<void> {
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    async (route) => {
      const { origin: asked, pathname } = new URL(route.request().url());
      if (asked !== origin) return route.abort();
      if (pathname === '/config.json') {
        return route.fulfill({ contentType: 'application/json', body: JSON.stringify(config) });
      }
      const isFile = types[path.extname(pathname)] !== undefined;
      // An address of a console has a page of its own, or is shown by the first.
      const candidates = isFile ? [pathname] : [path.join(pathname, 'index.html'), 'index.html'];
      const [name = ''] = candidates.filter((one) => existsSync(path.join(folder, one)));
      const body = name ? await readFile(path.join(folder, name)) : undefined;
      const contentType = types[path.extname(name)] ?? 'application/octet-stream';
      return route.fulfill(body ? { contentType, body } : { status: 404, body: '' });
    },
  );
}
