import type { Page } from '../web-client/playwright.ts';
import type { Walk } from '../web-client/walk.ts';
import type { Furniture } from './furnish.ts';
import { gatherRefusals } from './refusals.ts';

export const consoleUrl = 'https://console.example';
const password = 'a long password';

/** What Ketesa asks and is not served (`docs/admin.md`). It copes. */
const notServed = [
  /\/sent_invite_count\?/,
  /\/cumulative_joined_room_count\?/,
  /\/federation\/destinations/,
  /\/users\/[^/]+\/media\?.*order_by=id/,
];

/** Signs in by OAuth, and looks at every page. What the server refuses is a mistake. */
export async function administer(
  walk: Walk,
  page: Page,
  serverUrl: string,
  furniture: Furniture,
): Promise<void> {
  const refused = gatherRefusals(page, serverUrl, notServed);
  page.on('pageerror', (error) => refused.push(`page: ${error.message}`));
  const shows = (text: string) => page.getByText(text).first().waitFor();

  await walk.step('leads to our login', async () => {
    await page.goto(consoleUrl);
    await page.getByRole('button', { name: 'Sign in with OIDC' }).click();
    await page.locator('input[name="username"]').fill('root');
    await page.locator('input[name="password"]').fill(password);
    await page.locator('input[name="password"]').press('Enter');
  });
  await walk.step('asks for the server', () => shows('It also wants to administer this server'));
  await walk.step('is let in', async () => {
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(({ origin }) => origin === consoleUrl);
    await shows('Registration tokens');
  });

  const user = `users/${encodeURIComponent(furniture.userId)}`;
  const room = `rooms/${encodeURIComponent(furniture.roomId)}/show`;
  const pages: [hash: string, text: string][] = [
    ['users', '@anna:localhost'],
    [user, 'Danger zone'],
    [`${user}/devices`, 'Create device'],
    [`${user}/connections`, 'User agent'],
    [`${user}/media`, 'notes.txt'],
    [`${user}/rooms`, 'Room of Anna'],
    [`${user}/memberships`, 'join'],
    [`${user}/pushers`, 'No pushers yet'],
    [`${user}/accountdata`, 'Global'],
    // A room tells of itself after some seconds.
    ['rooms', 'Room of Anna'],
    [room, 'Since shared'],
    [`${room}/members`, '@anna:localhost'],
    [`${room}/media`, furniture.mediaId],
    [`${room}/state`, 'm.room.join_rules'],
    [`${room}/messages`, 'notes.txt'],
    [`${room}/forward_extremities`, '$'],
    ['reports', 'Room of Anna'],
    [`reports/${furniture.eventReport}/show`, 'it is spam'],
    ['user_reports', 'she is rude'],
    [`user_reports/${furniture.userReport}/show`, 'she is rude'],
    ['user_media_statistics', '@anna:localhost'],
    ['database_room_statistics', 'Room of Anna'],
    ['registration_tokens', furniture.token],
    ['room_directory', 'Room of Anna'],
    ['scheduled_tasks', 'redact_user'],
  ];
  for (const [hash, text] of pages) {
    await walk.step(hash.replace(/%[^/]+/g, ''), async () => {
      await page.goto(`${consoleUrl}/#/${hash}`);
      await shows(text);
    });
  }
  for (const mistake of refused) walk.count('what the server refuses', mistake);
}
