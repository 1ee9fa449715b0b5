import path from 'node:path';
import type { Page } from './playwright.ts';

/** Steps one after another, each with a picture of the page at its end. */
export class Walk {
  passed = 0;
  failed = 0;
  readonly #page: Page;
  readonly #pictureDir: string;

  constructor(page: Page, pictureDir: string) {
    this.#page = page;
    this.#pictureDir = pictureDir;
  }

  /** @returns whether it went well */
  async step(name: string, act: () => Promise<unknown>): Promise<boolean> {
    let mistake: string | undefined;
    try {
      await act();
    } catch (error) {
      mistake = (error as Error).message.split('\nCall log:')[0];
    }
    await this.picture(name);
    // A menu left open would be in the way of the next step.
    if (mistake) await this.#page.keyboard.press('Escape');
    this.count(name, mistake);
    return mistake === undefined;
  }

  count(name: string, mistake?: string): void {
    if (mistake === undefined) this.passed += 1;
    else this.failed += 1;
    console.log(mistake === undefined ? `✓ ${name}` : `✗ ${name}: ${mistake}`);
  }

  /** @returns the file */
  async picture(name: string): Promise<string> {
    const number = String(this.passed + this.failed + 1).padStart(2, '0');
    const file = path.join(this.#pictureDir, `${number} ${name.replaceAll(/[^\w' -]/g, '')}.png`);
    await this.#page.screenshot({ path: file });
    return file;
  }
}
