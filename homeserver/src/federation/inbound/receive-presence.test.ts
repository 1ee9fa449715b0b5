import { expect, test } from 'vitest';
import type { ServerName } from '../../../../matrix/identifiers.ts';
import type { ToldPresence } from '../../objects/user-sync-rpc.ts';
import type { EduPorts } from './receive-edus.ts';
import { receivePresence } from './receive-presence.ts';

const origin = 'there.test' as ServerName;

async function told(content: unknown): Promise<ToldPresence[]> {
  const all: ToldPresence[] = [];
  const ports = { tellPresence: async (some: ToldPresence[]) => void all.push(...some) };
  await receivePresence(ports as unknown as EduPorts, origin, content);
  return all;
}

test('a server tells of its own users alone; what is malformed is left out, and not the rest', async () => {
  const user = (userId: string, more: object = {}) => ({ user_id: userId, presence: 'online', ...more });
  const push = [
    user('@ann:there.test', { status_msg: 'here', last_active_ago: 0 }),
    user('@forged:elsewhere.test'),
    user('@forged:roost.test'),
    user('@odd:there.test', { presence: 'asleep' }),
    user('@odd:there.test', { last_active_ago: 'long' }),
    user('@odd:there.test', { status_msg: 7 }),
    'nobody',
    user('@ben:there.test', { status_msg: null }),
  ];
  const found = await told({ push });
  expect(found.map(({ userId }) => userId)).toEqual(['@ann:there.test', '@ben:there.test']);
  expect(found[0]).toMatchObject({ state: 'online', statusMsg: 'here' });
  expect(found[0]?.lastActiveMs).toBeGreaterThan(0);
  expect(found[1]).toMatchObject({ statusMsg: undefined, lastActiveMs: 0 });
  for (const content of [undefined, 'push', { push: {} }, { push: [] }])
    expect(await told(content)).toEqual([]);
});
