import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../../matrix/identifiers.ts';
import init from '../../../../migrations/d1/homeserver/0001_init.sql';
import { openD1 } from '../../../../platform/d1.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { deviceCodeGrant, type OauthClient } from './client-metadata.ts';
import {
  decideDeviceGrant,
  deviceCodeSeconds,
  findDeviceGrant,
  pollSeconds,
  redeemDeviceCode,
  startDeviceGrant,
} from './device-codes.ts';

const testEnv = env as unknown as Env;
const config = readConfig(testEnv);
const db = openD1(testEnv.DB, false);
const client = { clientId: 'tv', metadata: { grant_types: [deviceCodeGrant] } } as unknown as OauthClient;
const scope = 'urn:matrix:client:api:* urn:matrix:client:device:TV';
const olive = '@olive:roost.test' as UserId;
const endMs = deviceCodeSeconds * 1000;

beforeAll(async () => {
  const queries = init.split(';').filter((query) => query.trim() !== '');
  await applyD1Migrations(testEnv.DB, [{ name: '0001_init', queries }]);
});

const start = () => startDeviceGrant(db, client, scope, config, 0);
const redeem = (code: string, nowMs: number) => redeemDeviceCode(db, code, 'tv', config, nowMs);

test('a code that nobody has allowed in ten minutes is told to have expired, and cannot be allowed any more', async () => {
  const { deviceCode, userCode } = await start();
  await expect(redeem(deviceCode, endMs - 1)).rejects.toMatchObject({ code: 'authorization_pending' });
  expect(await findDeviceGrant(db, userCode, config, endMs - 1)).toMatchObject({ deviceId: 'TV' });
  expect(await findDeviceGrant(db, userCode, config, endMs)).toBeUndefined();
  expect(await decideDeviceGrant(db, userCode, olive, config, endMs)).toBe(false);
  await expect(redeem(deviceCode, endMs)).rejects.toMatchObject({ code: 'expired_token' });
});

test('one that was allowed and not fetched expires, too', async () => {
  const { deviceCode, userCode } = await start();
  expect(await decideDeviceGrant(db, userCode, olive, config, endMs - 1)).toBe(true);
  await expect(redeem(deviceCode, endMs)).rejects.toMatchObject({ code: 'expired_token' });
});

test('who asks too often is told to slow down, and who keeps to the interval is not', async () => {
  const { deviceCode } = await start();
  const stepMs = pollSeconds * 1000;
  await expect(redeem(deviceCode, stepMs)).rejects.toMatchObject({ code: 'authorization_pending' });
  await expect(redeem(deviceCode, stepMs + 100)).rejects.toMatchObject({ code: 'slow_down' });
  await expect(redeem(deviceCode, 2 * stepMs + 100)).rejects.toMatchObject({ code: 'authorization_pending' });
});

test('of many who fetch an allowed one at once, one gets it', async () => {
  const { deviceCode, userCode } = await start();
  await decideDeviceGrant(db, userCode, olive, config, 1);
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => redeem(deviceCode, 2)));
  const granted = answers.filter(({ status }) => status === 'fulfilled');
  expect(granted).toHaveLength(1);
  expect(granted[0]).toMatchObject({ value: { userId: olive, scope } });
});
