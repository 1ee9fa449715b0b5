import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { ok, p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';

function fieldTests(field: string, value: string, setName: string, getName: string): void {
  const account = shared(async () => {
    const user = await newUser();
    return { user, path: p`/v3/profile/${user.userId}/${field}` };
  });

  test(setName, async () => {
    const { user, path } = await account();
    await user.ok('PUT', path, { [field]: value });
    expect(await user.ok('GET', path)).toEqual({ [field]: value });
  });

  test(getName, async () => {
    const { user, path } = await account();
    expect(await ok('GET', path)).toEqual({ [field]: value });
    expect(await ok('GET', p`/v3/profile/${user.userId}`)).toMatchObject({ [field]: value });
  });

  test(`Nobody else sets the ${field}`, async () => {
    const [user, other] = await newUsers('user', 'other');
    const path = p`/v3/profile/${user.userId}/${field}`;
    // Servers differ in the status.
    expect((await other.refusal('PUT', path, { [field]: value }))[1]).toBe('M_FORBIDDEN');
  });
}

describe('TestProfileAvatarURL', () => {
  fieldTests(
    'avatar_url',
    'mxc://example.com/LemurLover',
    'PUT /profile/:user_id/avatar_url sets my avatar',
    'GET /profile/:user_id/avatar_url publicly accessible',
  );
});

describe('TestProfileDisplayName', () => {
  fieldTests(
    'displayname',
    'Testing Displayname',
    'PUT /profile/:user_id/displayname sets my name',
    'GET /profile/:user_id/displayname publicly accessible',
  );
});

testAnswersOf('apidoc_profile');
