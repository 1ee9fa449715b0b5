import { expect, test } from 'vitest';
import { snowflake } from '../snowflake.ts';
import { maySeeChannel, type Overwrite } from './permissions.ts';

const guild = snowflake('1');
const bot = snowflake('2');
const view = '1024';
const overwrite = (id: string, type: 0 | 1, allow: string, deny: string): Overwrite => ({
  id: snowflake(id),
  type,
  allow,
  deny,
});

test.each<[name: string, roles: Record<string, string>, overwrites: Overwrite[], sees: boolean]>([
  ['everyone may', { '1': view }, [], true],
  ['nobody may', { '1': '0' }, [], false],
  ['by a role', { '1': '0', '5': view }, [], true],
  ['denied to everyone', { '1': view }, [overwrite('1', 0, '0', view)], false],
  [
    'denied to everyone, allowed to a role',
    { '1': view, '5': '0' },
    [overwrite('1', 0, '0', view), overwrite('5', 0, view, '0')],
    true,
  ],
  ['allowed to a role that the bot has not', { '1': '0' }, [overwrite('6', 0, view, '0')], false],
  [
    'one role denies, another allows',
    { '1': view, '5': '0', '6': '0' },
    [overwrite('5', 0, '0', view), overwrite('6', 0, view, '0')],
    true,
  ],
  ['denied to the bot itself', { '1': view }, [overwrite('2', 1, '0', view)], false],
  ['allowed to the bot itself', { '1': '0' }, [overwrite('2', 1, view, '0')], true],
  ['to another member', { '1': '0' }, [overwrite('3', 1, view, '0')], false],
  ['administrators see all', { '1': '0', '5': '8' }, [overwrite('2', 1, '0', view)], true],
])('%s', (_, roles, overwrites, sees) => {
  expect(maySeeChannel(roles, guild, bot, overwrites)).toBe(sees);
});
