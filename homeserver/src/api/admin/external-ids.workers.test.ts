import { createExecutionContext } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { linkIdentity } from '../../storage/d1/external-identities.ts';
import { makeApp } from '../app.ts';
import { routes } from '../routes.ts';
import { admin, enc, owner, testEnv, useAdministration, user } from './testing/administration.ts';

useAdministration();

const issuer = 'https://id.example.org';
const linked = {
  ...testEnv,
  UPSTREAM_ISSUER: issuer,
  UPSTREAM_CLIENT_ID: 'roost',
  UPSTREAM_NAME: 'Example',
};
const app = makeApp(routes);

/** Of the same server, where accounts can be linked with those of a provider. */
async function adminOfLinked(method: string, path: string, body?: object) {
  const request = new Request(`https://roost.test/_synapse/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${owner.accessToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await app.fetch(request, linked, createExecutionContext());
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('an account that is linked with one elsewhere is shown so and found by it, and stays so when it is sent back', async () => {
  const subject = 'user/of provider';
  await linkIdentity(openD1(testEnv.DB, false), { issuer, subject }, user.userId as UserId, 1);
  const at = `/v2/users/${enc(user.userId)}`;
  const external_ids = [{ auth_provider: 'upstream', external_id: subject }];
  expect((await adminOfLinked('GET', at)).body).toMatchObject({ external_ids });
  expect((await adminOfLinked('GET', `/v2/users/${enc(owner.userId)}`)).body.external_ids).toEqual([]);

  const find = (provider: string, id: string) =>
    adminOfLinked('GET', `/v1/auth_providers/${provider}/users/${enc(id)}`);
  expect((await find('upstream', subject)).body).toEqual({ user_id: user.userId });
  expect((await find('upstream', 'nobody')).body.errcode).toBe('M_NOT_FOUND');
  expect((await find('other', subject)).body.errcode).toBe('M_NOT_FOUND');

  const sentBack = await adminOfLinked('PUT', at, { displayname: 'Linked', external_ids });
  expect(sentBack).toMatchObject({ status: 200, body: { displayname: 'Linked', external_ids } });
  for (const others of [[], [{ auth_provider: 'upstream', external_id: 'thief' }]]) {
    expect((await adminOfLinked('PUT', at, { external_ids: others })).status).toBe(400);
  }
  expect((await find('upstream', subject)).body).toEqual({ user_id: user.userId });
});

test('without a provider nobody is linked', async () => {
  const { body } = await admin('GET', `/v2/users/${enc(user.userId)}`);
  expect(body.external_ids).toEqual([]);
});
