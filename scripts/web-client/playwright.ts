import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

const version = '1.65.1';

export const cacheDir = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'roost-web-client',
);

interface Picture {
  naturalWidth: number;
  /** Until its pixels are there. */
  decode(): Promise<void>;
}

/** What is used of Playwright, which is not a dependency of the project. */
export interface Locator {
  click(options?: { button?: 'left' | 'right' }): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Until it is in the page and visible, or as `state` says. */
  waitFor(options?: { state?: 'visible' | 'hidden' }): Promise<void>;
  count(): Promise<number>;
  evaluate<T>(read: (element: Picture) => T | Promise<T>): Promise<T>;
  scrollIntoViewIfNeeded(): Promise<void>;
  first(): Locator;
  last(): Locator;
  filter(options: { hasText: string }): Locator;
  locator(selector: string): Locator;
  getByText(text: string, options?: { exact: boolean }): Locator;
  getByRole(role: string, options?: { name: string; exact?: boolean }): Locator;
  getByLabel(text: string, options?: { exact: boolean }): Locator;
  getByPlaceholder(text: string): Locator;
}

export interface Answer {
  status(): number;
  url(): string;
  allHeaders(): Promise<Record<string, string>>;
  text(): Promise<string>;
  request(): { method(): string };
}

export interface Route {
  abort(): Promise<void>;
  fulfill(answer: {
    status?: number;
    contentType?: string;
    headers?: Record<string, string>;
    body: string | Buffer;
  }): Promise<void>;
  request(): { url(): string };
}

export interface Page extends Pick<Locator, 'getByText' | 'getByRole' | 'getByLabel' | 'getByPlaceholder'> {
  goto(url: string): Promise<unknown>;
  locator(selector: string): Locator;
  keyboard: { insertText(text: string): Promise<void>; press(key: string): Promise<void> };
  mouse: { wheel(deltaX: number, deltaY: number): Promise<void> };
  waitForURL(fits: (url: URL) => boolean): Promise<void>;
  waitForEvent(name: 'filechooser'): Promise<{ setFiles(file: string): Promise<void> }>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  setDefaultTimeout(timeoutMs: number): void;
  url(): string;
  /** @param script an expression */
  evaluate<T>(script: string): Promise<T>;
  emulateMedia(options: { colorScheme: 'light' | 'dark' }): Promise<void>;
  /** Chromium's own protocol. */
  context(): {
    newCDPSession(page: Page): Promise<{ send(method: string, parameters?: object): Promise<unknown> }>;
  };
  close(): Promise<void>;
  route(fits: (url: URL) => boolean, handle: (route: Route) => unknown): Promise<void>;
  on(event: 'response', listener: (answer: Answer) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
}

export interface Browser {
  newPage(options: {
    viewport: { width: number; height: number };
    colorScheme?: 'light' | 'dark';
    javaScriptEnabled?: boolean;
    deviceScaleFactor?: number;
  }): Promise<Page>;
  close(): Promise<void>;
}

/** Puts Playwright's driver, without a browser, into the cache. @returns why it cannot be had */
export function installPlaywright(): string | undefined {
  mkdirSync(cacheDir, { recursive: true });
  const wanted = `playwright-core@${version}`;
  const args = ['install', '--prefix', cacheDir, '--no-save', '--prefer-offline', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', [...args, wanted], { encoding: 'utf8' });
  return status === 0 ? undefined : `${wanted} cannot be had: ${stderr.trim().split('\n').at(-1)}`;
}

export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

export async function launch(executablePath: string, more: readonly string[] = []): Promise<Browser> {
  const playwright = createRequire(path.join(cacheDir, 'x.js'))('playwright-core') as {
    chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
  };
  // Chromium's own sandbox is refused to root, as which containers run.
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...more];
  return playwright.chromium.launch({ executablePath, args });
}
