import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { isInvited, timelineOf } from './lib/events.ts';
import { call, p } from './lib/http.ts';
import { newName, newUser, password, registerBySharedSecret } from './lib/register.ts';
import { target } from './lib/target.ts';
import { User } from './lib/user.ts';

const registerPath = '/_synapse/admin/v1/register';

async function newAdmin(): Promise<User> {
  if (target.registrationSharedSecret === undefined) skip('the shared secret is not known');
  if ((await call('GET', registerPath)).status === 404) skip(`there is no ${registerPath}`);
  const { status, body } = await registerBySharedSecret(newName('admin'), { admin: true });
  expect(status).toBe(200);
  return new User(body, password);
}

test('TestCanRegisterAdmin', async () => {
  const admin = await newAdmin();
  expect(await admin.ok('GET', '/v3/account/whoami')).toMatchObject({ user_id: admin.userId });
  // An administrator may ask about others' sessions (/admin/whois); nobody else may.
  const user = await newUser();
  const path = p`/v3/admin/whois/${admin.userId}`;
  expect((await user.call('GET', path)).status).not.toBe(200);
});

describe('TestServerNotices', () => {
  const noticePath = '/_synapse/admin/v1/send_server_notice';
  const content = { msgtype: 'm.text', body: 'hear ye' };

  const setting = shared(async () => {
    const admin = await newAdmin();
    const user = await newUser();
    const probe = await admin.call('POST', noticePath, {});
    if (probe.status === 404) skip(`there is no ${noticePath}`);
    return { admin, user };
  });

  const noticed = shared(async () => {
    const { admin, user } = await setting();
    const { event_id: eventId } = await admin.ok<{ event_id: string }>('PUT', `${noticePath}/first`, {
      user_id: user.userId,
      content,
    });
    const sync = await user.syncUntil('an invitation', (answer) => !!answer.rooms?.invite);
    const roomId = Object.keys(sync.rooms?.invite ?? {})[0] ?? '';
    return { admin, user, eventId, roomId };
  });

  test('/send_server_notice is not allowed as normal user', async () => {
    const { user } = await setting();
    expect((await user.call('POST', noticePath, { user_id: user.userId, content })).status).toBe(403);
  });

  test('/send_server_notice as an admin is allowed', async () => {
    expect((await noticed()).eventId).toMatch(/^\$/);
  });

  test('Alice is invited to the server alert room', async () => {
    expect((await noticed()).roomId).toMatch(/^!/);
  });

  test('Alice cannot reject the invite', async () => {
    const { user, roomId } = await noticed();
    const path = p`/v3/rooms/${roomId}/leave`;
    expect(await user.refusal('POST', path, {})).toEqual([403, 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM']);
  });

  test('Alice can join the alert room', async () => {
    const { user, roomId, eventId } = await noticed();
    await user.join(roomId);
    const sync = await user.syncUntil('the notice', (answer) => timelineOf(answer, roomId).length > 0);
    expect(timelineOf(sync, roomId)).toContainEqual(expect.objectContaining({ event_id: eventId, content }));
  });

  test('Sending a notice with a transactionID is idempotent', async () => {
    const { admin, user, eventId } = await noticed();
    const again = await admin.ok('PUT', `${noticePath}/first`, { user_id: user.userId, content });
    expect(again.event_id).toBe(eventId);
  });

  test('Alice can leave the alert room, after joining it', async () => {
    const { user, roomId } = await noticed();
    await user.leave(roomId);
    expect((await user.ok<{ joined_rooms: string[] }>('GET', '/v3/joined_rooms')).joined_rooms).toEqual([]);
  });

  test('After leaving the alert room and on re-invitation, no new room is created', async () => {
    const { admin, user, roomId } = await noticed();
    const since = await user.now();
    await admin.ok('PUT', `${noticePath}/second`, { user_id: user.userId, content });
    const sync = await user.syncUntil('an invitation', (answer) => !!answer.rooms?.invite, { since });
    expect(isInvited(roomId)(sync)).toBe(true);
  });
});

testAnswersOf('admin');
