import { expect, test } from 'vitest';
import type { EventId, RoomId, ServerName } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { Stubs } from '../../objects/stubs.ts';
import { eventIdOf } from '../../protocol/event-hash.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { version } from '../../protocol/testing/versions.ts';
import { bringState } from './bring-state.ts';

const known = '$known' as EventId;

/** What becomes of a state of two events, of which one is known, if the other server answers this for the other. */
async function broughtWith(other: EventId, answer: Response): Promise<EventId[] | undefined> {
  const env = {
    SERVER_NAME: 'roost.test',
    PUBLIC_BASE_URL: 'https://roost.test',
    DEFAULT_ROOM_VERSION: '12',
    OPEN_REGISTRATION: '0',
    RATE_LIMITS: 'off',
    PASSWORD_POLICY: 'off',
    APPSERVICE_SERVICES: '{}',
    APPSERVICE_REGISTRATIONS: '[]',
    SIGNING_KEY: 'ed25519 test YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1',
    ENCRYPTION_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY',
    ADMIN_TOKEN: 'test-admin-token-test-admin-token-test',
    DB: {},
    OUTBOUND: {
      fetch: async (url: string) =>
        url.includes('/state_ids/')
          ? Response.json({ pdu_ids: [known, other], auth_chain_ids: [] })
          : answer.clone(),
    },
  } as unknown as Env;
  const room = {
    unknownOf: async (ids: EventId[]) => ids.filter((id) => id !== known),
    receiveOutliers: async () => [],
  };
  const stubs = { room: () => room } as unknown as Stubs;
  const asking = {
    env,
    server: 'other.test:8448' as ServerName,
    roomId: '!room:other.test' as RoomId,
    version: version('11'),
  };
  return bringState({ env, config: readConfig(env), stubs }, asking, '$later' as EventId);
}

test('a state of which an event could not be had is none', async () => {
  const refused = Response.json({ errcode: 'M_NOT_FOUND', error: 'Unknown' }, { status: 404 });
  expect(await broughtWith('$absent' as EventId, refused)).toBeUndefined();
});

test('an event of a state that is not signed as it should be is left out', async () => {
  const pdu: JsonObject = {
    type: 'm.room.topic',
    state_key: '',
    sender: '@creator:other.test',
    room_id: '!room:other.test',
    content: { topic: 'unsigned' },
    prev_events: [],
    auth_events: [],
    depth: 2,
    origin_server_ts: 1,
    hashes: { sha256: 'none' },
    signatures: {},
  };
  const eventId = eventIdOf(pdu as unknown as Pdu, version('11'));
  expect(await broughtWith(eventId, Response.json({ pdus: [pdu] }))).toEqual([known]);
});
