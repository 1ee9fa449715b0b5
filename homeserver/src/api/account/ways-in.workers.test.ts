import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { adminToken, makeTables } from '../../../../test/harness/homeserver-worker.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { makeStubs } from '../../objects/stubs.ts';
import { hashPassword } from '../../services/password.ts';
import { makeRecoveryCodes } from '../../services/recovery-codes.ts';
import { createAccount, deactivateAccount, setPassword } from '../../storage/d1/accounts.ts';
import { findUserByIdentity, linkIdentity } from '../../storage/d1/external-identities.ts';
import { findPasskey, insertPasskey, listPasskeys } from '../../storage/d1/passkeys.ts';
import { readProfile } from '../../storage/d1/profiles.ts';
import { countRecoveryCodes } from '../../storage/d1/recovery-codes.ts';
import { removeIdentity, removePasskey } from '../../storage/d1/ways-in.ts';
import { makePageToken } from '../access-token.ts';
import { makeApp } from '../app.ts';
import { routes } from '../routes.ts';

/** Where nobody registers without an invitation. */
const strict = { ...(env as unknown as Env), OPEN_REGISTRATION: '0' };
const config = readConfig(strict);
const db = openD1(strict.DB, false);
const app = makeApp(routes);

beforeAll(makeTables);

const makeUser = async (name: string, more: { isAdmin?: boolean; passwordHash?: string } = {}) => {
  const userId = `@${name}:roost.test` as UserId;
  await createAccount(db, { userId, ...more }, 1);
  return userId;
};

const passkeyOf = (userId: UserId, credentialId: string) =>
  insertPasskey(db, { credentialId, userId, name: 'x', publicKey: '{}', signCount: 0, createdMs: 1 }, 20);

/** A browser that is logged in as this user. */
async function browserOf(userId: UserId) {
  const token = makePageToken('browser', userId, config);
  await makeStubs(strict).user(userId).openBrowserSession(token);
  let cookie = `__Host-roost-login=${token}`;
  return async (path: string, form?: Record<string, string>) => {
    const request = new Request(`https://roost.test${path}`, {
      method: form ? 'POST' : 'GET',
      headers: { cookie, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    const answer = await app.fetch(request, strict, createExecutionContext());
    const [set] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
    if (set) cookie = `${cookie}; ${set}`;
    const text = await answer.text();
    const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
    return { status: answer.status, text, formToken };
  };
}

const ask = (path: string, init: RequestInit = {}) =>
  app.fetch(new Request(`https://roost.test${path}`, init), strict, createExecutionContext());

test('an administrator makes a link by which one person registers; nobody else does', async () => {
  const owner = await browserOf(await makeUser('owner', { isAdmin: true }));
  const page = await owner('/account/invitations');
  expect(page.text).toContain('Make a link');
  const made = await owner('/account/invitations', { form_token: page.formToken });
  const [, link = ''] = /<code>https:\/\/roost\.test(\/register\?token=[\w-]+)<\/code>/.exec(made.text) ?? [];

  const member = await browserOf(await makeUser('member'));
  expect(await member('/account/invitations')).toMatchObject({ status: 403 });
  const own = await member('/account');
  expect(own.text).not.toContain('/account/invitations');
  expect((await member('/account/invitations', { form_token: own.formToken })).status).toBe(403);

  const guest = await browserOf(await makeUser('guest'));
  const form = await guest(link);
  const [, invitation = ''] = /name="invitation" value="([^"]+)"/.exec(form.text) ?? [];
  const person = {
    form_token: form.formToken,
    invitation,
    password: 'a long password',
    repeated: 'a long password',
  };
  expect((await guest('/oauth2/register', { ...person, username: 'invited' })).status).toBe(303);
  expect((await guest('/oauth2/register', { ...person, username: 'second' })).status).toBe(403);
  expect((await guest('/oauth2/register', { ...person, username: 'third', invitation: '' })).status).toBe(
    403,
  );
});

test('programs of the owner get the link with the token', async () => {
  const answer = await ask('/_roost/admin/v1/registration_tokens', {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}` },
    body: JSON.stringify({ uses: 1 }),
  });
  const { token, link } = (await answer.json()) as Record<string, string>;
  expect(link).toBe(`https://roost.test/register?token=${token}`);
});

test('the last way in is not taken away', async () => {
  const userId = await makeUser('keyholder');
  await passkeyOf(userId, 'key-one');
  const browser = await browserOf(userId);
  const { formToken } = await browser('/account/passkeys');
  const remove = (id: string) =>
    browser('/account/passkeys', { form_token: formToken, action: 'remove', credential_id: id });
  expect((await remove('key-one')).text).toContain('only way in');
  await passkeyOf(userId, 'key-two');
  expect((await remove('key-one')).status).toBe(303);
  await setPassword(db, userId, 'scrypt$15$8$1$AAAA$AAAA');
  expect((await remove('key-two')).status).toBe(303);
  expect(await listPasskeys(db, userId)).toEqual([]);
});

test('of two ways in that are taken away at once one stays', async () => {
  const issuer = 'https://id.example.org';
  for (let round = 0; round < 5; round += 1) {
    const userId = await makeUser(`hasty-${round}`);
    const keys = ['a', 'b', 'c'].map((name) => `hasty-${round}-${name}`);
    for (const key of keys) await passkeyOf(userId, key);
    await linkIdentity(db, { issuer, subject: userId }, userId, 1);
    const removals = await Promise.all([
      ...keys.map((key) => removePasskey(db, userId, key, issuer)),
      removeIdentity(db, userId, issuer),
    ]);
    expect(removals.toSorted()).toEqual(['last', 'removed', 'removed', 'removed']);
    const left = (await listPasskeys(db, userId)).length;
    const isLinked = (await findUserByIdentity(db, { issuer, subject: userId })) !== undefined;
    expect(left + (isLinked ? 1 : 0)).toBe(1);
  }
});

test('an account at a provider that is not configured any more is no way in', async () => {
  const userId = await makeUser('orphan');
  await passkeyOf(userId, 'of-orphan');
  await linkIdentity(db, { issuer: 'https://gone.example.org', subject: 'orphan' }, userId, 1);
  expect(await removePasskey(db, userId, 'of-orphan', undefined)).toBe('last');
  expect(await removePasskey(db, userId, 'of-orphan', 'https://id.example.org')).toBe('last');
  expect(await removePasskey(db, userId, 'of-orphan', 'https://gone.example.org')).toBe('removed');
  expect(await removePasskey(db, userId, 'of-orphan', 'https://gone.example.org')).toBe('unknown');
});

test('of passkeys that are added at once no more are kept than are allowed', async () => {
  const userId = await makeUser('collector');
  const added = await Promise.all(
    Array.from({ length: 25 }, (_, index) => passkeyOf(userId, `many-${index}`)),
  );
  expect(added.filter(Boolean)).toHaveLength(20);
  expect(await listPasskeys(db, userId)).toHaveLength(20);
  expect(await passkeyOf(await makeUser('other'), 'many-0')).toBe(false);
});

test('nobody renames or removes a passkey of somebody else', async () => {
  const userId = await makeUser('victim');
  await passkeyOf(userId, 'of-victim');
  const thief = await makeUser('thief', { passwordHash: 'x' });
  const browser = await browserOf(thief);
  const { formToken } = await browser('/account/passkeys');
  for (const action of ['rename', 'remove']) {
    await browser('/account/passkeys', {
      form_token: formToken,
      action,
      credential_id: 'of-victim',
      name: 'stolen',
    });
  }
  expect(await findPasskey(db, 'of-victim')).toMatchObject({ name: 'x' });
});

test('C10: the end of an account leaves no way in', async () => {
  const userId = await makeUser('leaver', { passwordHash: 'x' });
  const identity = { issuer: 'https://id.example.org', subject: 'leaver' };
  await passkeyOf(userId, 'of-leaver');
  await makeRecoveryCodes(db, userId, config);
  await linkIdentity(db, identity, userId, 1);
  await deactivateAccount(db, userId, false, 2);
  expect(await findPasskey(db, 'of-leaver')).toBeUndefined();
  expect(await countRecoveryCodes(db, userId)).toBe(0);
  expect(await findUserByIdentity(db, identity)).toBeUndefined();
});

test('C10: a locked account has no pages, by an old login or a new one, until it is opened', async () => {
  const userId = await makeUser('locked', { passwordHash: await hashPassword('a long password') });
  const browser = await browserOf(userId);
  const { formToken } = await browser('/account');
  const user = makeStubs(strict).user(userId);
  await user.restrict({ locked: true });
  expect((await browser('/account')).status).toBe(303);
  const renamed = { form_token: formToken, action: 'profile', display_name: 'Locked' };
  expect((await browser('/account', renamed)).status).toBe(403);
  const { formToken: ofLogin } = await browser('/oauth2/login');
  const login = { form_token: ofLogin, username: 'locked', password: 'a long password' };
  const refused = await browser('/oauth2/login', login);
  expect(refused.status).toBe(401);
  expect(refused.text).toContain('This account is locked');
  expect((await readProfile(db, userId)).displayname).not.toBe('Locked');
  await user.restrict({ locked: false });
  expect((await browser('/account')).status).toBe(200);
  expect((await browser('/oauth2/login', login)).status).toBe(303);
});

test('C10: a suspended account keeps its name', async () => {
  const userId = await makeUser('suspended');
  const browser = await browserOf(userId);
  const { formToken } = await browser('/account');
  await makeStubs(strict).user(userId).restrict({ suspended: true });
  const renamed = { form_token: formToken, action: 'profile', display_name: 'Suspended' };
  const refused = await browser('/account', renamed);
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('This account is suspended');
  expect((await readProfile(db, userId)).displayname).not.toBe('Suspended');
});
