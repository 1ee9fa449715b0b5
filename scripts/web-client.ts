import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Roost } from '../test/harness/roost.ts';
import { Answers } from './web-client/answers.ts';
import { Cinny } from './web-client/cinny.ts';
import { converse } from './web-client/conversation.ts';
import { cacheDir, findChromium, installPlaywright, launch } from './web-client/playwright.ts';
import { serveSite } from './web-client/static-site.ts';
import { Walk } from './web-client/walk.ts';

/**
 * `npm run web-client -- --client <folder>`: Cinny in Chromium, as a person uses it, on a server that is started for
 * it. The folder is a built Cinny (4.2), as its releases hold it, with `index.html`. Needs Chromium; Playwright's
 * driver is put into the user's cache folder, where a picture of every step is left too. Skipped without any of them.
 */
const { values } = parseArgs({ options: { client: { type: 'string' } } });
const pictureDir = path.join(cacheDir, 'pictures');

const chromium = findChromium();
const missing = whatIsMissing();
if (missing || !chromium || !values.client) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else {
  process.exitCode = (await useServer(chromium, values.client)) ? 0 : 1;
}

function whatIsMissing(): string | undefined {
  if (!values.client) return 'name the folder of a built Cinny by --client';
  if (!existsSync(path.join(values.client, 'index.html'))) return `${values.client} has no index.html`;
  if (!chromium) return 'Chromium is not installed';
  return installPlaywright();
}

/** @returns whether all went well */
async function useServer(executable: string, clientDir: string): Promise<boolean> {
  rmSync(pictureDir, { recursive: true, force: true });
  mkdirSync(pictureDir, { recursive: true });
  const roost = await Roost.start();
  const site = await serveSite(clientDir, Cinny.config(roost.url));
  const browser = await launch(executable);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(15_000);
    // Nothing on the internet is asked.
    await page.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    const answers = new Answers(page, roost.url);
    const walk = new Walk(page, pictureDir);
    await converse(walk, new Cinny(page, site.url), roost);
    for (const mistake of await answers.report()) walk.count('what the server answers', mistake);
    const complaints = roost.logLines.filter((line) => /"level":"(warn|error)"/.test(line));
    if (complaints.length > 0) console.log(`The server complained:\n${complaints.join('\n')}`);
    console.log(`Pictures: ${pictureDir}\n${walk.passed} passed, ${walk.failed} failed`);
    return walk.failed === 0;
  } finally {
    await browser.close();
    await site.close();
    await roost.stopAndRemove();
  }
}
