import type { Page } from '../web-client/playwright.ts';

/** Gathers what the server refuses to the console in a page. @param notServed addresses that it is known not to serve */
export function gatherRefusals(page: Page, serverUrl: string, notServed: readonly RegExp[]): string[] {
  const refused: string[] = [];
  page.on('response', (answer) => {
    const url = answer.url();
    if (!url.startsWith(serverUrl) || answer.status() < 400 || notServed.some((known) => known.test(url)))
      return;
    refused.push(`${answer.status()} ${answer.request().method()} ${url.slice(serverUrl.length)}`);
  });
  return refused;
}
