import type { Browser, Page } from './browser.ts';

/** No way through our pages is longer. */
const maxPages = 6;

/**
 * A user who logs in where a page asks for it and agrees to what else it asks: the consent of a login, or the action
 * that an app has sent them to.
 * @returns where the browser ends up: the app's redirect URI, or a page of ours that asks nothing more
 */
export async function goThrough(
  browser: Browser,
  url: string,
  { username, password }: { username: string; password: string },
): Promise<Page> {
  let page = await browser.open(url);
  for (let pages = 0; pages < maxPages; pages += 1) {
    const login = formWith(page, 'username', 'password');
    const question = formWith(page, 'form_token', 'password') ?? formWith(page, 'form_token', 'request');
    const index = login ?? question;
    if (index === undefined) return page;
    const answer = login === undefined ? { decision: 'allow' } : { username };
    page = await browser.submit(page, { ...answer, password }, index);
    if (page.status >= 400) throw new Error(`${page.url}: ${page.status} ${page.text}`);
  }
  throw new Error(`no end of pages, at ${page.url}: ${page.text}`);
}

function formWith(page: Page, ...names: string[]): number | undefined {
  const index = page.forms.findIndex(({ fields }) => names.every((name) => name in fields));
  return index < 0 ? undefined : index;
}
