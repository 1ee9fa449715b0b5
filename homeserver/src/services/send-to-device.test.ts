import { expect, test } from 'vitest';
import { parseRegistration } from '../../../appservice/registration.ts';
import type { DeviceId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { ToDeviceMessage } from '../objects/user-sync-rpc.ts';
import { sendToDevices } from './send-to-device.ts';

const bot = '@bot:x' as UserId;

/** Where messages for `userId`, who has the devices A and B, end up. */
async function delivered(userId: UserId, receiveEphemeral: boolean, devices: (DeviceId | '*')[]) {
  const service = parseRegistration({
    id: 'bridge',
    url: null,
    as_token: 'as',
    hs_token: 'hs',
    sender_localpart: 'bot',
    namespaces: {},
    receive_ephemeral: receiveEphemeral,
  });
  const inbox: ToDeviceMessage[] = [];
  const transactions: JsonObject[] = [];
  const stubs = {
    user: () => ({
      devices: async () => [{ deviceId: 'A' }, { deviceId: 'B' }],
      enqueueToDevice: async (messages: ToDeviceMessage[]) => void inbox.push(...messages),
    }),
    appservice: () => ({
      enqueueToDevice: async (messages: JsonObject[]) => void transactions.push(...messages),
    }),
  } as unknown as Stubs;
  const config = { serverName: 'x', registrations: [service] } as unknown as Config;
  const messages = devices.map((deviceId) => ({
    messageId: 'id',
    deviceId,
    type: 'm.test',
    sender: '@anna:x' as UserId,
    content: { n: 1 },
  }));
  await sendToDevices(stubs, config, userId, messages);
  return { inbox: inbox.length, transactions };
}

test('people, and services that do not want them, find them in the inbox', async () => {
  expect(await delivered('@anna:x' as UserId, true, ['*'])).toEqual({ inbox: 1, transactions: [] });
  expect(await delivered(bot, false, ['*'])).toEqual({ inbox: 1, transactions: [] });
});

test('services get them in transactions, one per device that exists', async () => {
  const message = { type: 'm.test', sender: '@anna:x', content: { n: 1 }, to_user_id: bot };
  expect(await delivered(bot, true, ['*', 'B', 'NONE'] as (DeviceId | '*')[])).toEqual({
    inbox: 0,
    transactions: [
      { ...message, to_device_id: 'A' },
      { ...message, to_device_id: 'B' },
      { ...message, to_device_id: 'B' },
    ],
  });
});
