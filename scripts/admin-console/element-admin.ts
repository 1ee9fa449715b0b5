import type { Page } from '../web-client/playwright.ts';
import type { Walk } from '../web-client/walk.ts';
import type { Furniture } from './furnish.ts';
import { consoleUrl } from './ketesa.ts';
import { gatherRefusals } from './refusals.ts';

/** The name that is typed; only its well-known file is asked for. */
const serverName = 'roost.example';
const password = 'a long password';

/** The API of the Matrix Authentication Service and of Element's own distribution (`docs/admin.md`). */
const notServed = [/\/api\/admin\/v1\//, /\/_synapse\/ess\/version/];

/** Signs in to Element Admin by OAuth, and looks at the pages that speak Synapse's API. What the server refuses is a mistake. */
export async function administerByElement(
  walk: Walk,
  page: Page,
  serverUrl: string,
  furniture: Furniture,
): Promise<void> {
  const refused = gatherRefusals(page, serverUrl, notServed);
  const isWellKnown = ({ hostname, pathname }: URL) =>
    hostname === serverName && pathname === '/.well-known/matrix/client';
  await page.route(isWellKnown, (route) =>
    route.fulfill({
      contentType: 'application/json',
      headers: { 'access-control-allow-origin': '*' },
      body: JSON.stringify({ 'm.homeserver': { base_url: serverUrl } }),
    }),
  );
  const shows = (text: string) => page.getByText(text).first().waitFor();

  await walk.step('leads to our login', async () => {
    await page.goto(consoleUrl);
    await page.locator('input[type="text"]').fill(serverName);
    await page.getByRole('button', { name: 'Get started' }).click();
    await page.locator('input[name="username"]').fill('root');
    await page.locator('input[name="password"]').fill(password);
    await page.locator('input[name="password"]').press('Enter');
  });
  await walk.step('asks for the server', () => shows('It also wants to administer this server'));
  await walk.step('is let in', async () => {
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(({ origin }) => origin === consoleUrl);
    await shows('Rooms');
  });
  await walk.step('rooms', async () => {
    await page.goto(`${consoleUrl}/rooms`);
    await shows('Room of Anna');
  });
  await walk.step('rooms that a search finds', async () => {
    await page.goto(`${consoleUrl}/rooms?search_term=anna`);
    await shows('Room of Anna');
  });
  await walk.step('a room', async () => {
    await page.goto(`${consoleUrl}/rooms/${encodeURIComponent(furniture.roomId)}`);
    await shows(furniture.roomId);
    await shows('@anna:localhost');
  });
  for (const mistake of refused) walk.count('what the server refuses', mistake);
}
