import path from 'node:path';
import type { Page } from '../web-client/playwright.ts';
import { lookOver } from './look-over.ts';

/** Somebody on our pages, whose every step is judged and kept as a picture, by day and by night. */
export class Visitor {
  passed = 0;
  failed = 0;
  readonly page: Page;
  readonly #pictureDir: string;
  readonly #complaints: string[] = [];

  constructor(page: Page, pictureDir: string) {
    this.page = page;
    this.#pictureDir = pictureDir;
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    // A refusal of the policy is told there.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 40\d/.test(message.text())) {
        this.#complaints.push(message.text());
      }
    });
  }

  /** @param act after which the page is as it is to be judged */
  async step(name: string, act: () => Promise<unknown>): Promise<void> {
    const wrong: string[] = [];
    try {
      await act();
      for (const colorScheme of ['light', 'dark'] as const) {
        await this.page.emulateMedia({ colorScheme });
        await this.#picture(name, colorScheme);
        wrong.push(...(await lookOver(this.page)).map((mistake) => `${colorScheme}: ${mistake}`));
      }
    } catch (error) {
      wrong.push((error as Error).message.split('\nCall log:')[0] ?? '');
      await this.#picture(name, 'failed').catch(() => {});
    }
    wrong.push(...this.#complaints.splice(0));
    if (wrong.length === 0) this.passed += 1;
    else this.failed += 1;
    console.log(wrong.length === 0 ? `✓ ${name}` : `✗ ${name}\n    ${wrong.join('\n    ')}`);
  }

  /** Fills fields by their labels, and presses a button. */
  async fill(fields: Record<string, string>, button: string): Promise<void> {
    for (const [label, text] of Object.entries(fields)) {
      await this.page.getByLabel(label, { exact: true }).first().fill(text);
    }
    await this.press(button);
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).first().click();
  }

  async follow(link: string): Promise<void> {
    await this.page.getByRole('link', { name: link }).first().click();
  }

  /** Until the page with this heading is there. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { name: heading, exact: true }).waitFor();
  }

  async #picture(name: string, of: string): Promise<void> {
    const number = String(this.passed + this.failed + 1).padStart(2, '0');
    const file = `${number} ${name.replaceAll(/[^\w' -]/g, '')} (${of}).png`;
    await this.page.screenshot({ path: path.join(this.#pictureDir, file), fullPage: true });
  }
}
