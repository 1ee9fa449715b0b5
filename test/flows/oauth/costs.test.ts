import { afterAll, beforeAll, expect, test } from 'vitest';
import { register } from '../../harness/matrix-client.ts';
import { type Cost, measure, total } from '../../harness/meter.ts';
import { OauthApp } from '../../harness/oauth-app.ts';
import { Roost } from '../../harness/roost.ts';

/** What tokens cost: they name their user, whose object knows them, so nothing else is asked. */
const olive = { username: 'olive', password: 'a long password' };
const times = 10;
let roost: Roost;
let app: OauthApp;
let token: string;
let refreshToken: string | undefined;

beforeAll(async () => {
  roost = await Roost.start({ meter: true });
  await register(roost.url, olive.username, olive.password);
  app = await OauthApp.register(roost.url);
  const tokens = await app.signIn().tokens(olive);
  token = tokens.access_token;
  refreshToken = tokens.refresh_token;
  // "Last seen" is written once an hour.
  await app.whoami(token);
});
afterAll(() => roost?.stopAndRemove());

async function repeated(work: () => Promise<unknown>): Promise<Cost> {
  return measure(roost, async () => {
    for (let time = 0; time < times; time += 1) await work();
  });
}

test('the check of a token asks one object, and writes nothing', async () => {
  const cost = await repeated(async () => expect((await app.whoami(token)).status).toBe(200));
  expect(cost).toMatchObject({ d1Queries: 0, rowsWritten: {} });
  expect(total(cost.objectRequests)).toBe(times);
  expect(total(cost.rowsRead) / times).toBeLessThanOrEqual(4);
});

test('neither do those that are no good', async () => {
  const cost = await repeated(async () => {
    expect((await app.whoami('syt_b2xpdmU_x_y')).status).toBe(401);
    expect((await app.whoami(`${token}x`)).status).toBe(401);
  });
  expect(cost).toMatchObject({ d1Queries: 0, rowsWritten: {}, objectRequests: {} });
});

test('syncing asks no other, nor does a service that introspects', async () => {
  const headers = { authorization: `Bearer ${token}` };
  const sync = await repeated(() => fetch(`${roost.url}/_matrix/client/v3/sync?timeout=0`, { headers }));
  expect(sync.d1Queries).toBe(0);
  const service = { authorization: `Bearer ${roost.identity().adminToken}` };
  const introspection = await repeated(async () => {
    const answer = await app.post('introspection', { token }, service);
    expect(await answer.json()).toMatchObject({ active: true });
  });
  expect(introspection).toMatchObject({ d1Queries: 0, rowsWritten: {} });
  expect(total(introspection.objectRequests)).toBe(times);
});

test('refreshing is two requests to the object, in which the old tokens end', async () => {
  const cost = await repeated(async () => {
    const next = await app.refreshed(refreshToken);
    refreshToken = next.refresh_token;
    expect((await app.whoami(next.access_token)).status).toBe(200);
  });
  expect(cost.d1Queries).toBe(0);
  expect(total(cost.objectRequests)).toBe(2 * times);
  expect(total(cost.rowsWritten) / times).toBeLessThanOrEqual(10);
});
