import { afterAll, beforeAll, expect, test } from 'vitest';
import { OauthApp } from '../harness/oauth-app.ts';
import { Roost } from '../harness/roost.ts';
import { Person } from './lib/attacker.ts';

/** O3, R14: a refresh token in two hands ends what it gave; an answer that was lost does not. */
const olive = { username: 'olive', password: 'a long password' };
let roost: Roost;
let app: OauthApp;

beforeAll(async () => {
  roost = await Roost.start({ serverName: 'roost.test' });
  await Person.register(roost.url, olive.username);
  app = await OauthApp.register(roost.url);
}, 60_000);
afterAll(() => roost?.stopAndRemove());

const isAlive = async (token: string) => (await app.whoami(token)).status === 200;
const isRefused = async (token: string | undefined) => {
  const answer = await app.refresh(token);
  return answer.status === 400 && ((await answer.json()) as { error: string }).error === 'invalid_grant';
};

test('O3: one that comes again after its successor was used ends the family', async () => {
  const first = await app.signIn().tokens(olive);
  const second = await app.refreshed(first.refresh_token);
  const third = await app.refreshed(second.refresh_token);
  // A successor is used by being refreshed, too.
  expect(await isRefused(first.refresh_token)).toBe(true);
  for (const { access_token } of [first, second, third]) expect(await isAlive(access_token)).toBe(false);
  for (const { refresh_token } of [second, third]) expect(await isRefused(refresh_token)).toBe(true);
});

test('O3: a thief who refreshes first is found out when the owner goes on, whoever that is', async () => {
  const stolen = await app.signIn().tokens(olive);
  const thief = await app.refreshed(stolen.refresh_token);
  expect(await isAlive(thief.access_token)).toBe(true);
  expect(await isRefused(stolen.refresh_token)).toBe(true);
  expect(await isAlive(thief.access_token)).toBe(false);
  expect(await isRefused(thief.refresh_token)).toBe(true);
});

test('O3: two who refresh at once do not both stay', async () => {
  const { refresh_token } = await app.signIn().tokens(olive);
  const both = await Promise.all([app.refreshed(refresh_token), app.refreshed(refresh_token)]);
  const alive = [];
  for (const { access_token } of both) alive.push(await isAlive(access_token));
  expect(alive.filter(Boolean)).toHaveLength(1);
  const loser = both[alive.indexOf(false)];
  // Whoever lost shows its token, and ends the other.
  expect(await isRefused(loser?.refresh_token)).toBe(true);
  for (const { access_token } of both) expect(await isAlive(access_token)).toBe(false);
});

test('O3: a crash at any moment of a refresh costs nobody the session', async () => {
  for (const moment of ['while it is asked for', 'after the answer']) {
    const first = await app.signIn().tokens(olive);
    const asked = app.refresh(first.refresh_token).catch(() => undefined);
    if (moment === 'after the answer') await asked;
    await roost.kill();
    await asked;
    await roost.start();
    const again = await app.refreshed(first.refresh_token);
    expect(await isAlive(again.access_token)).toBe(true);
    expect(await isAlive(first.access_token)).toBe(false);
    expect(await isRefused(first.refresh_token)).toBe(true);
    expect(await isAlive(again.access_token)).toBe(false);
  }
}, 120_000);

test('O3, R14: a refresh token ends with its device, by whichever way', async () => {
  const ends: ((app: OauthApp, token: string) => Promise<unknown>)[] = [
    (by, token) => by.revoke(token),
    (by, token) => post(by, 'v3/logout', token),
    (by, token) => post(by, 'v3/logout/all', token),
  ];
  for (const end of ends) {
    const tokens = await app.signIn().tokens(olive);
    await end(app, tokens.access_token);
    expect(await isRefused(tokens.refresh_token)).toBe(true);
    expect(await isAlive(tokens.access_token)).toBe(false);
  }
});

function post({ url }: OauthApp, path: string, token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${url}/_matrix/client/${path}`, { method: 'POST', headers, body: '{}' });
}
