import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { SyncAnswer } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Rule {
  rule_id: string;
  enabled: boolean;
  default: boolean;
  actions: unknown[];
}

type Ruleset = Record<string, Rule[]>;

function rulesIn(sync: SyncAnswer): Ruleset | undefined {
  const event = sync.account_data?.events.find(({ type }) => type === 'm.push_rules');
  return (event?.content as { global: Ruleset } | undefined)?.global;
}

test('TestPushRuleCacheHealth', async () => {
  const user = await newUser();
  const body = {
    actions: ['dont_notify'],
    conditions: [{ kind: 'event_match', key: 'key', pattern: 'pattern' }],
  };
  await user.ok('PUT', p`/v3/pushrules/global/override/${'foo/bar'.replace('/', '-')}`, body);
  await user
    .ok('PUT', p`/v3/pushrules/global/override/${'.odd'.slice(1)}/enabled`, { enabled: true })
    .catch(() => undefined);
  const { global } = await user.ok<{ global: Ruleset }>('GET', '/v3/pushrules/');
  expect(global.override?.map((rule) => rule.rule_id)).toContain('foo-bar');
  await user.sync();
});

describe('TestPushSync', () => {
  const rule = 'org.example.rule';
  const account = shared(async () => {
    const user = await newUser();
    return { user };
  });

  /** Does something, and looks at the rules of the sync that it wakes. */
  async function rulesAfter(user: User, act: () => Promise<unknown>): Promise<Rule | undefined> {
    const since = await user.now();
    const waiting = user.syncUntil('the push rules', (sync) => rulesIn(sync) !== undefined, { since });
    await act();
    const rules = rulesIn(await waiting);
    return rules?.room?.find(({ rule_id: id }) => id === `!${rule}`);
  }

  const path = p`/v3/pushrules/global/room/${`!${rule}`}`;

  test('Push rules come down in an initial /sync', async () => {
    const { user } = await account();
    expect(rulesIn(await user.sync())).toMatchObject({
      override: expect.any(Array),
      underride: expect.any(Array),
      content: expect.any(Array),
    });
  });

  test('Adding a push rule wakes up an incremental /sync', async () => {
    const { user } = await account();
    const added = await rulesAfter(user, () => user.ok('PUT', path, { actions: ['notify'] }));
    expect(added).toMatchObject({ enabled: true, default: false, actions: ['notify'] });
  });

  test('Disabling a push rule wakes up an incremental /sync', async () => {
    const { user } = await account();
    expect(await rulesAfter(user, () => user.ok('PUT', `${path}/enabled`, { enabled: false }))).toMatchObject(
      {
        enabled: false,
      },
    );
  });

  test('Enabling a push rule wakes up an incremental /sync', async () => {
    const { user } = await account();
    expect(await rulesAfter(user, () => user.ok('PUT', `${path}/enabled`, { enabled: true }))).toMatchObject({
      enabled: true,
    });
  });

  test('Setting actions for a push rule wakes up an incremental /sync', async () => {
    const { user } = await account();
    const actions = ['notify', { set_tweak: 'sound', value: 'default' }];
    expect(await rulesAfter(user, () => user.ok('PUT', `${path}/actions`, { actions }))).toMatchObject({
      actions,
    });
  });
});

testAnswersOf('push');
