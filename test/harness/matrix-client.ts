import { randomUUID } from 'node:crypto';
import {
  ClientEvent,
  createClient,
  type ICreateClientOpts,
  type MatrixClient,
  type MatrixEvent,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import type { CryptoCallbacks } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';
import { SlidingSync } from 'matrix-js-sdk/lib/sliding-sync.js';
import { matrixFetch } from './matrix-fetch.ts';
import { waitFor } from './wait-for.ts';

// What the SDK has to say of its work is not what a test or the demo shows.
const silent: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => silent,
};
Object.assign(logger, silent, { log() {} });

export interface Credentials {
  userId: string;
  accessToken: string;
  deviceId: string;
}

/** Registers by open registration (the launcher's default). */
export async function register(
  url: string,
  username: string,
  password = 'a long password',
): Promise<Credentials> {
  const response = await matrixFetch(`${url}/_matrix/client/v3/register`, {
    method: 'POST',
    body: JSON.stringify({ username, password, auth: { type: 'm.login.dummy' } }),
  });
  if (!response.ok) throw new Error(`register: ${response.status} ${await response.text()}`);
  const body = (await response.json()) as { user_id: string; access_token: string; device_id: string };
  return { userId: body.user_id, accessToken: body.access_token, deviceId: body.device_id };
}

export async function logIn(url: string, user: string, password = 'a long password'): Promise<Credentials> {
  const response = await matrixFetch(`${url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({ type: 'm.login.password', identifier: { type: 'm.id.user', user }, password }),
  });
  if (!response.ok) throw new Error(`login: ${response.status} ${await response.text()}`);
  const body = (await response.json()) as { user_id: string; access_token: string; device_id: string };
  return { userId: body.user_id, accessToken: body.access_token, deviceId: body.device_id };
}

/** A matrix-js-sdk client, with Rust crypto if wanted, that has done its first sync. */
export async function startClient(
  url: string,
  credentials: Credentials,
  options: {
    crypto?: boolean;
    sliding?: boolean;
    cryptoCallbacks?: CryptoCallbacks;
    /** Of a login by OAuth 2.0. */
    session?: Pick<ICreateClientOpts, 'oauthClientId' | 'refreshToken' | 'onTokenRefresh'>;
  } = {},
): Promise<MatrixClient> {
  const client = createClient({
    baseUrl: url,
    fetchFn: matrixFetch,
    userId: credentials.userId,
    accessToken: credentials.accessToken,
    deviceId: credentials.deviceId,
    timelineSupport: true,
    logger: silent,
    ...options.session,
    ...(options.cryptoCallbacks && { cryptoCallbacks: options.cryptoCallbacks }),
  });
  if (options.crypto) await client.initRustCrypto({ useIndexedDB: false });
  const prepared = new Promise<void>((resolve) => {
    client.on(ClientEvent.Sync, (state) => state === SyncState.Prepared && resolve());
  });
  await client.startClient({
    initialSyncLimit: 20,
    pollTimeout: 10_000,
    ...(options.sliding && { slidingSync: roomListSync(url, client) }),
  });
  await prepared;
  return client;
}

/** Simplified sliding sync as a mobile client asks for it: the newest rooms, lazy members, all extensions. */
function roomListSync(url: string, client: MatrixClient): SlidingSync {
  const list = {
    ranges: [[0, 99]],
    timeline_limit: 20,
    required_state: [
      ['m.room.create', ''],
      ['m.room.name', ''],
      ['m.room.topic', ''],
      ['m.room.avatar', ''],
      ['m.room.encryption', ''],
      ['m.room.canonical_alias', ''],
      ['m.room.power_levels', ''],
      ['m.room.join_rules', ''],
      ['m.space.child', '*'],
      ['m.room.member', '$LAZY'],
      ['m.room.member', '$ME'],
    ],
  };
  return new SlidingSync(url, new Map([['all_rooms', list]]), list, client, 10_000);
}

/** Live timeline of a room as plain text, decrypted, edits applied. */
export function timelineTexts(client: MatrixClient, roomId: string): string[] {
  const events = client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [];
  return events
    .filter((event) => event.getType() === 'm.room.message' && !event.isRelation('m.replace'))
    .filter((event) => event.isRedacted() || event.getContent().msgtype !== 'm.key.verification.request')
    .map((event) => (event.isRedacted() ? '(redacted)' : String(event.getContent().body)));
}

/** Waits until an event of a room's timeline fits. */
export function waitForEvent(
  client: MatrixClient,
  roomId: string,
  fits: (event: MatrixEvent) => boolean,
): Promise<MatrixEvent> {
  return waitFor(
    `an event in ${roomId}`,
    () => client.getRoom(roomId)?.getLiveTimeline().getEvents().find(fits),
    (check) => {
      client.on(RoomEvent.Timeline, check);
      return () => client.off(RoomEvent.Timeline, check);
    },
  );
}

/** One call of the client-server API as a user. @throws if the answer is not 2xx */
export async function api<T = Record<string, unknown>>(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const response = await matrixFetch(`${url}/_matrix/client/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

export function newTxnId(): string {
  return randomUUID();
}
