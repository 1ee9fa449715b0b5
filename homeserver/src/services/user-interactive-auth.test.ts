import { describe, expect, test } from 'vitest';
import { MatrixError } from '../../../matrix/errors.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import { type InteractiveRequest, requireInteractiveAuth, type Stage } from './user-interactive-auth.ts';

const secret = 'a secret for tests';
const nowMs = 1_000_000;
const alice = '@alice:roost.test' as UserId;
const password: Stage = { type: 'm.login.password', isProved: async (auth) => auth.password === 'right' };

async function attempt(request: InteractiveRequest, atMs = nowMs): Promise<'passed' | MatrixError> {
  try {
    await requireInteractiveAuth(request, [password], secret, atMs);
    return 'passed';
  } catch (error) {
    if (error instanceof MatrixError) return error;
    throw error;
  }
}

const deletion = (auth?: Record<string, unknown>, body: object = { devices: ['A'] }, userId = alice) => ({
  operationId: 'deleteDevices',
  userId,
  body: { ...body, ...(auth && { auth }) },
});

async function begin(): Promise<string> {
  const challenge = (await attempt(deletion())) as MatrixError;
  return (challenge.toBody() as { session: string }).session;
}

describe('user-interactive authentication', () => {
  test('first tells the flows, without an error', async () => {
    const challenge = (await attempt(deletion())) as MatrixError;
    expect(challenge.status).toBe(401);
    expect(challenge.toBody()).toEqual({
      session: expect.stringMatching(/./),
      flows: [{ stages: ['m.login.password'] }],
      params: {},
      completed: [],
    });
  });

  test('passes with the proof, with the session of the request or without one', async () => {
    const session = await begin();
    expect(await attempt(deletion({ type: 'm.login.password', password: 'right', session }))).toBe('passed');
    expect(await attempt(deletion({ type: 'm.login.password', password: 'right' }))).toBe('passed');
  });

  test.each([
    ['a wrong proof', { type: 'm.login.password', password: 'wrong' }],
    ['a made-up type', { type: 'm.login.made_up', password: 'right' }],
    ['a type that is not offered', { type: 'm.login.dummy' }],
    ['the name of an inherited member', { type: 'constructor' }],
  ])('R13: %s never passes', async (_, auth) => {
    for (const session of [undefined, await begin()]) {
      const refused = (await attempt(deletion({ ...auth, ...(session && { session }) }))) as MatrixError;
      expect(refused.toBody()).toMatchObject({
        errcode: 'M_FORBIDDEN',
        flows: [{ stages: [password.type] }],
      });
    }
  });

  test('R13: a session without proof never passes', async () => {
    expect(await attempt(deletion({ session: await begin() }))).toBeInstanceOf(MatrixError);
  });

  test('R13: a session serves only its own user, operation and body, and expires', async () => {
    const session = await begin();
    const auth = { type: 'm.login.password', password: 'right', session };
    const foreign = [
      deletion(auth, { devices: ['B'] }),
      deletion(auth, undefined, '@bob:roost.test' as UserId),
      { ...deletion(auth), operationId: 'changePassword' },
      deletion({ ...auth, session: `${session}x` }),
      deletion({ ...auth, session: session.replace(/^\d+/, '9999999999999') }),
      deletion({ ...auth, session: '' }),
    ];
    for (const request of foreign) expect(await attempt(request)).toBeInstanceOf(MatrixError);
    expect(await attempt(deletion(auth), nowMs + 31 * 60_000)).toBeInstanceOf(MatrixError);
    expect(await attempt(deletion(auth), nowMs + 29 * 60_000)).toBe('passed');
  });
});
