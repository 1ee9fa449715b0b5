import { env, exports } from 'cloudflare:workers';
import { generateKeyPairSync } from 'node:crypto';
import { vi } from 'vitest';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { openBridge } from '../../core/bridge.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { FakeHomeserver } from '../../core/testing/fake-homeserver.ts';
import { installFakes, resetDatabase } from '../../core/testing/install-fakes.ts';
import { discordConnector } from '../discord-connector.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { applicationId, channelId, FakeDiscord, guildCreate } from './fake-discord.ts';
import { FakeGateway } from './fake-gateway.ts';

export const discordEnv = env as unknown as DiscordEnv;
export const owner = '@olive:roost.test';
export const botToken = `bot-token-${'x'.repeat(60)}`;
export const loginId = asLoginId(applicationId);
export const applicationKeys = generateKeyPairSync('ed25519');
const publicKey = Buffer.from(applicationKeys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');

/** The Worker between a homeserver and a Discord of ours, with the owner's bot logged in. */
export interface DiscordBridge {
  homeserver: FakeHomeserver;
  discord: FakeDiscord;
  gateway: FakeGateway;
}

export const gatewayStub = () =>
  discordEnv.GATEWAYS.getByName(applicationId) as unknown as DurableObjectStub &
    ReturnType<DiscordEnv['GATEWAYS']['getByName']>;
export const portalStub = () =>
  discordEnv.PORTALS.getByName(channelId) as unknown as DurableObjectStub &
    ReturnType<DiscordEnv['PORTALS']['getByName']>;

export async function startDiscordBridge(): Promise<DiscordBridge> {
  const homeserver = new FakeHomeserver('roost.test', 'discordbot', ['discord-as-token']);
  const discord = new FakeDiscord();
  const gateway = new FakeGateway(gatewayStub);
  discord.gateway = gateway;
  gateway.afterReady = [guildCreate()];
  installFakes(homeserver, (url, init) => discord.fetch(url, init));
  await resetDatabase();
  const bridge = openBridge(discordEnv, discordConnector);
  const login = {
    loginId,
    name: 'Roost on Discord',
    credentials: { botToken },
    metadata: { applicationId, publicKey: publicKey.toString('hex'), botUserId: applicationId },
  };
  await bridge.logins.put(owner, login, Date.now());
  const stored = await bridge.logins.get(loginId);
  if (stored) await discordConnector.onLogin(discordEnv, stored);
  return { homeserver, discord, gateway };
}

/** @returns the room of the channel, when there is one and nothing waits before it */
export async function roomReady(): Promise<string> {
  let roomId = '';
  await until(async () => {
    const status = await portalStub().status();
    if (status.roomId === undefined || status.queued > 0) throw new Error('not yet');
    roomId = status.roomId;
  });
  return roomId;
}

const worker = (exports as unknown as { default: Fetcher & { scheduled(): Promise<unknown> } }).default;

export function fetchWorker(path: string, init: RequestInit = {}): Promise<Response> {
  return worker.fetch(new Request(`https://roost.test${path}`, init));
}

/** The minute's clock. */
export async function runCron(): Promise<void> {
  await worker.scheduled();
}

/** Hands events of a room to the bridge as the homeserver does. */
export function transact(txnId: string, events: ClientEvent[]): Promise<Response> {
  return fetchWorker(`/_bridge/discord/_matrix/app/v1/transactions/${txnId}`, {
    method: 'PUT',
    body: JSON.stringify({ events }),
    headers: { authorization: 'Bearer discord-hs-token' },
  });
}

export function matrixEvent(
  roomId: string,
  eventId: string,
  content: JsonObject,
  more: Partial<ClientEvent> = {},
): ClientEvent {
  return {
    event_id: eventId,
    room_id: roomId,
    type: 'm.room.message',
    sender: owner,
    origin_server_ts: Date.now(),
    content,
    ...more,
  } as ClientEvent;
}

/** Waits until a condition holds that work in an object brings about. */
export function until(condition: () => Promise<void> | void, timeout = 15_000): Promise<void> {
  return vi.waitFor(condition, { timeout, interval: 10 });
}
