import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { freePort, Roost } from '../test/harness/roost.ts';
import { VirtualAuthenticator } from './pages/authenticator.ts';
import { Visitor } from './pages/visitor.ts';
import { walk, walkWithoutScripts } from './pages/walk.ts';
import { type Browser, cacheDir, findChromium, installPlaywright, launch } from './web-client/playwright.ts';

/**
 * `npm run pages`: our own pages in Chromium, on a screen of a phone, with its virtual authenticator: whether they work,
 * are in reach of everybody (`pages/look-over.ts`), and keep their own policy. A picture of every step, by day and by
 * night, is left in the user's cache folder. Skipped without Chromium.
 */
const pictureDir = path.join(cacheDir, 'pages');
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

const chromium = findChromium();
const missing = chromium ? installPlaywright() : 'Chromium is not installed';
if (missing || !chromium) console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
else process.exitCode = (await visitAll(chromium)) ? 0 : 1;

/** @returns whether all went well */
async function visitAll(executable: string): Promise<boolean> {
  rmSync(pictureDir, { recursive: true, force: true });
  mkdirSync(pictureDir, { recursive: true });
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const roost = await Roost.start({ port, env: { HS_CLIENT_URL: url, HS_OPEN_REGISTRATION: '0' } });
  const browser = await launch(executable);
  try {
    const visitors = [await visit(browser, roost, url), await visitWithoutScripts(browser, roost, url)];
    const sum = (of: 'passed' | 'failed') => visitors.reduce((all, visitor) => all + visitor[of], 0);
    console.log(`Pictures: ${pictureDir}\n${sum('passed')} passed, ${sum('failed')} failed`);
    return sum('failed') === 0;
  } finally {
    await browser.close();
    await roost.stopAndRemove();
  }
}

async function visit(browser: Browser, roost: Roost, url: string): Promise<Visitor> {
  const page = await browser.newPage(phone);
  const visitor = new Visitor(page, pictureDir);
  await walk(visitor, await VirtualAuthenticator.add(page), roost, url);
  return visitor;
}

async function visitWithoutScripts(browser: Browser, roost: Roost, url: string): Promise<Visitor> {
  const dir = path.join(pictureDir, 'without JavaScript');
  mkdirSync(dir);
  const visitor = new Visitor(await browser.newPage({ ...phone, javaScriptEnabled: false }), dir);
  await walkWithoutScripts(visitor, roost, url);
  return visitor;
}
