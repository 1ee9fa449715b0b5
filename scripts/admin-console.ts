import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeAdministrator } from '../test/attacks/lib/administrator.ts';
import { Roost } from '../test/harness/roost.ts';
import { administerByElement } from './admin-console/element-admin.ts';
import { furnish } from './admin-console/furnish.ts';
import { administer, consoleUrl } from './admin-console/ketesa.ts';
import { serveAs } from './admin-console/serve-as.ts';
import { cacheDir, findChromium, installPlaywright, launch } from './web-client/playwright.ts';
import { Walk } from './web-client/walk.ts';

/**
 * `npm run admin-console -- --client <folder>`: Ketesa or Element Admin in Chromium, as an administrator uses it, on a
 * server that is started for it. The folder is a built Ketesa (1.3), as its releases hold it, or a built Element Admin.
 * Skipped without it, or without Chromium.
 */
const { values } = parseArgs({ options: { client: { type: 'string' } } });
const pictureDir = path.join(cacheDir, 'admin-console');

const chromium = findChromium();
const missing = whatIsMissing();
if (missing || !chromium || !values.client) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else {
  process.exitCode = (await useConsole(chromium, values.client)) ? 0 : 1;
}

function whatIsMissing(): string | undefined {
  if (!values.client) return 'name the folder of a built Ketesa or Element Admin by --client';
  if (!existsSync(path.join(values.client, 'index.html'))) return `${values.client} has no index.html`;
  if (!chromium) return 'Chromium is not installed';
  return installPlaywright();
}

/** @returns whether all went well */
async function useConsole(executable: string, clientDir: string): Promise<boolean> {
  rmSync(pictureDir, { recursive: true, force: true });
  mkdirSync(pictureDir, { recursive: true });
  const roost = await Roost.start();
  const root = await makeAdministrator(roost.url, 'root');
  const furniture = await furnish(roost.url, root);
  // The console is of another origin, by https, and this server is in the local network.
  const browser = await launch(executable, ['--disable-features=LocalNetworkAccessChecks']);
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(15_000);
    await serveAs(page, consoleUrl, clientDir, { restrictBaseUrl: roost.url });
    const walk = new Walk(page, pictureDir);
    const isElement = readFileSync(path.join(clientDir, 'index.html'), 'utf8').includes('Element Admin');
    await (isElement ? administerByElement : administer)(walk, page, roost.url, furniture);
    console.log(`Pictures: ${pictureDir}\n${walk.passed} passed, ${walk.failed} failed`);
    return walk.failed === 0;
  } finally {
    await browser.close();
    await roost.stopAndRemove();
  }
}
