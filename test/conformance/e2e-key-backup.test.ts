import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newName, newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface BackedUp {
  first_message_index: number;
  forwarded_count: number;
  is_verified: boolean;
}

interface Rank {
  first: number;
  forwarded: number;
  verified: boolean;
}

function key({ first, forwarded, verified }: Rank) {
  return {
    first_message_index: first,
    forwarded_count: forwarded,
    is_verified: verified,
    session_data: { ephemeral: 'base64', ciphertext: 'base64', mac: 'base64' },
  };
}

/** Backs a session up twice, and looks which of the two is there. */
async function expectStored(
  user: User,
  version: string,
  first: Rank,
  second: Rank,
  winner: Rank,
): Promise<void> {
  const path = p`/v3/room_keys/keys/${`!room:${user.serverName}`}/${newName('session')}`;
  await user.ok('PUT', path, key(first), { version });
  await user.ok('PUT', path, key(second), { version });
  const stored = await user.ok<BackedUp>('GET', path, undefined, { version });
  expect(stored, JSON.stringify(second)).toMatchObject({
    first_message_index: winner.first,
    forwarded_count: winner.forwarded,
    is_verified: winner.verified,
  });
}

describe('TestE2EKeyBackupReplaceRoomKeyRules', () => {
  const backup = shared(async () => {
    const user = await newUser();
    const { version } = await user.ok<{ version: string }>('POST', '/v3/room_keys/version', {
      algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2',
      auth_data: { public_key: 'abcdefg', signatures: {} },
    });
    return { user, version };
  });

  // In the specification's order: who is verified wins, then the lower index, then the fewer forwards.
  const cases = [
    {
      stored: { verified: false, first: 10, forwarded: 5 },
      replaced: [
        { verified: true, first: 10, forwarded: 5 },
        { verified: true, first: 11, forwarded: 6 },
        { verified: false, first: 9, forwarded: 5 },
        { verified: false, first: 9, forwarded: 6 },
        { verified: false, first: 10, forwarded: 4 },
      ],
      kept: [
        { verified: false, first: 11, forwarded: 5 },
        { verified: false, first: 10, forwarded: 6 },
      ],
    },
    {
      stored: { verified: true, first: 10, forwarded: 5 },
      replaced: [
        { verified: true, first: 9, forwarded: 5 },
        { verified: true, first: 9, forwarded: 6 },
        { verified: true, first: 10, forwarded: 4 },
      ],
      kept: [
        { verified: false, first: 10, forwarded: 5 },
        { verified: true, first: 10, forwarded: 6 },
      ],
    },
  ];

  for (const { stored, replaced, kept } of cases) {
    const { verified, first, forwarded } = stored;
    test(`{isVerified:${verified} firstMessageIndex:${first} forwardedCount:${forwarded}}`, async () => {
      const { user, version } = await backup();
      for (const later of replaced) await expectStored(user, version, stored, later, later);
      for (const later of kept) await expectStored(user, version, stored, later, stored);
    });
  }

  test('A later rule decides only where the earlier ones find no difference', async () => {
    const { user, version } = await backup();
    const lateAndDirect = { verified: false, first: 11, forwarded: 4 };
    const unverified = { verified: false, first: 10, forwarded: 5 };
    await expectStored(user, version, unverified, lateAndDirect, unverified);
    const verified = { verified: true, first: 10, forwarded: 5 };
    await expectStored(user, version, verified, { verified: false, first: 9, forwarded: 4 }, verified);
  });
});

testAnswersOf('e2e_key_backup');
