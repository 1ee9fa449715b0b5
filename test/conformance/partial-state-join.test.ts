import { describe, expect } from 'vitest';
import { sendJson } from '../harness/federation/federation-server.ts';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, hasLeft, isJoined, memberEventOf, type SyncAnswer, timelineOf } from './lib/events.ts';
import { eventually } from './lib/eventually.ts';
import type { RoomEvent } from './lib/federation/federated-room.ts';
import { homeserver, ownHomeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { asksForLess, lazy, PartialJoin } from './lib/federation/partial-join.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import { newName } from './lib/register.ts';
import type { User } from './lib/user.ts';

async function newLocal(prefix = 'alice'): Promise<User> {
  return (await homeserver('hs1')).newUser(prefix);
}

/** A row, with a join under way of which the rest of the state is withheld. */
function during(name: string, body: (join: PartialJoin) => Promise<void>): void {
  test(name, async () => {
    const join = await PartialJoin.begin(await newLocal());
    try {
      await body(join);
    } finally {
      await join.end();
    }
  });
}

function messageOf(join: PartialJoin, after?: RoomEvent[]): RoomEvent {
  const content = { msgtype: 'm.text', body: 'from Derek' };
  return join.room.build({ type: 'm.room.message', sender: join.derek, content, ...(after && { after }) });
}

/** The users whose member events a room brings as state. */
function membersIn(sync: SyncAnswer, roomId: string): string[] {
  return (sync.rooms?.join?.[roomId]?.state?.events ?? [])
    .filter(({ type }) => type === 'm.room.member')
    .map(({ state_key: userId }) => userId ?? '');
}

describe('TestPartialStateJoin', () => {
  for (const [name, isIncremental] of [
    ['EagerInitialSyncDuringPartialStateJoin', false],
    ['EagerIncrementalSyncDuringPartialStateJoin', true],
  ] as const) {
    test(name, async () => {
      const alice = await newLocal();
      let since = (await alice.sync()).next_batch;
      const eager = async () => {
        const sync = await alice.sync(isIncremental ? { since } : {});
        since = sync.next_batch;
        return sync.rooms?.join?.[join.roomId];
      };
      const join = await PartialJoin.begin(alice);
      await join.syncUntil('the room', isJoined(join.roomId));
      expect(await eager()).toBeUndefined();
      const eventId = await alice.message(join.roomId, 'Hello world');
      await join.syncUntil('the message', hasEvent(join.roomId, eventId));
      expect(await eager()).toBeUndefined();
      await join.complete();
      const room = await eager();
      const members = [...(room?.state?.events ?? []), ...(room?.timeline?.events ?? [])];
      for (const userId of [join.charlie, join.derek]) {
        expect(memberEventOf(members, userId, 'join')).toBeDefined();
      }
      await join.end();
    });
  }

  during('EagerLongPollingSyncWokenWhenResyncCompletes', async (join) => {
    const { next_batch: since } = await join.user.sync();
    // Longer than the test would wait for it.
    const waiting = join.user.sync({ since, timeout: 60_000 });
    await join.asked;
    join.release();
    expect((await waiting).rooms?.join?.[join.roomId]).toBeDefined();
  });

  during('CanLazyLoadingSyncDuringPartialStateJoin', async (join) => {
    await join.syncUntil('the room', isJoined(join.roomId));
  });

  during('CanSendEventsDuringPartialStateJoin', async (join) => {
    const eventId = await join.user.message(join.roomId, 'Hello world!');
    await eventually(async () => join.room.get(eventId));
  });

  during('CanReceiveTypingDuringPartialStateJoin', async (join) => {
    const { server, roomId, derek, user } = join;
    const typing = (isTyping: boolean) =>
      server.transact(
        server.toUserOf(user),
        [],
        [{ edu_type: 'm.typing', content: { room_id: roomId, user_id: derek, typing: isTyping } }],
      );
    const isTyping = (users: string[]) => (sync: SyncAnswer) =>
      (sync.rooms?.join?.[roomId]?.ephemeral?.events ?? []).some(
        ({ type, content }) => type === 'm.typing' && String(content.user_ids) === String(users),
      );
    await typing(true);
    const { next_batch: since } = await join.syncUntil('typing', isTyping([derek]));
    await join.tell(join.room.message(join.charlie, 'meanwhile'));
    await join.complete();
    await typing(false);
    await join.syncUntil('that nobody types', isTyping([]), { since });
  });

  during('CanReceiveToDeviceDuringPartialStateJoin', async (join) => {
    const { server, derek, user } = join;
    const message = { [user.deviceId]: { message_type: 'a test' } };
    const content = {
      sender: derek,
      type: 'm.test',
      message_id: 'partial',
      messages: { [user.userId]: message },
    };
    await server.transact(server.toUserOf(user), [], [{ edu_type: 'm.direct_to_device', content }]);
    await join.syncUntil('the message', ({ to_device: news }) =>
      (news?.events ?? []).some(({ type, sender }) => type === 'm.test' && sender === derek),
    );
  });

  during('CanReceiveReceiptDuringPartialStateJoin', async (join) => {
    const { server, roomId, derek, user, room } = join;
    const read = room.message(join.charlie, 'to be read');
    await join.tell(read);
    const receipt = { [derek]: { data: { ts: Date.now() }, event_ids: [read.eventId] } };
    const content = { [roomId]: { 'm.read': receipt } };
    await server.transact(server.toUserOf(user), [], [{ edu_type: 'm.receipt', content }]);
    await join.syncUntil('the receipt', (sync) =>
      (sync.rooms?.join?.[roomId]?.ephemeral?.events ?? []).some(
        ({ type, content: receipts }) => type === 'm.receipt' && read.eventId in receipts,
      ),
    );
  });

  during('CanReceiveEventsDuringPartialStateJoin', (join) => join.expectReceived(messageOf(join)));

  during('CanReceiveEventsWithMissingParentsDuringPartialStateJoin', async (join) => {
    const a = join.room.adopt(messageOf(join).pdu);
    await join.expectReceived(messageOf(join, [a]));
  });

  during('CanReceiveEventsWithHalfMissingParentsDuringPartialStateJoin', async (join) => {
    const [m] = join.room.ends;
    if (!m) throw new Error('no end');
    const a = join.room.adopt(messageOf(join, [m]).pdu);
    await join.expectReceived(messageOf(join, [a, m]));
  });

  during('CanReceiveEventsWithHalfMissingGrandparentsDuringPartialStateJoin', async (join) => {
    const [m] = join.room.ends;
    if (!m) throw new Error('no end');
    const a = join.room.adopt(messageOf(join, [m]).pdu);
    const b = join.room.adopt(messageOf(join, [a, m]).pdu);
    join.server.server.on('POST', '/_matrix/federation/v1/get_missing_events/*', {
      json: { events: [b.pdu] },
    });
    join.release();
    await join.expectReceived(messageOf(join, [b]));
  });

  during('Lazy-loading initial sync includes remote memberships during partial state join', async (join) => {
    await join.tell(join.room.message(join.derek, 'who am I?'));
    const sync = await join.user.sync({ filter: lazy() });
    expect(membersIn(sync, join.roomId)).toContain(join.derek);
  });

  during('Lazy-loading gappy sync includes remote memberships during partial state join', async (join) => {
    const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
    const events = [join.room.message(join.derek, 'one'), join.room.message(join.derek, 'two')];
    await join.tell(...events);
    const sync = await join.user.sync({ since, filter: lazy({ limit: 1 }) });
    expect(timelineOf(sync, join.roomId).map(({ event_id: id }) => id)).toEqual([events[1]?.eventId]);
    expect(sync.rooms?.join?.[join.roomId]?.timeline?.limited).toBe(true);
    expect(membersIn(sync, join.roomId)).toContain(join.derek);
  });

  during(
    'Lazy-loading incremental sync includes remote memberships during partial state join',
    async (join) => {
      const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
      await join.tell(join.room.message(join.derek, 'who am I?'));
      const sync = await join.user.sync({ since, filter: lazy() });
      expect(membersIn(sync, join.roomId)).toContain(join.derek);
    },
  );

  during('MembersRequestBlocksDuringPartialStateJoin', async (join) => {
    const { next_batch: at } = await join.syncUntil('the room', isJoined(join.roomId));
    type Members = { chunk: { state_key: string }[] };
    const asking = join.user.ok<Members>('GET', p`/v3/rooms/${join.roomId}/members`, undefined, { at });
    await join.asked;
    join.release();
    const members = new Set((await asking).chunk.map(({ state_key: userId }) => userId));
    expect(members).toEqual(new Set([join.user.userId, join.charlie, join.derek]));
  });

  during('joined_members blocks during partial state join', async (join) => {
    const asking = join.user.ok<{ joined: object }>('GET', p`/v3/rooms/${join.roomId}/joined_members`);
    await join.asked;
    join.release();
    const members = new Set(Object.keys((await asking).joined));
    expect(members).toEqual(new Set([join.user.userId, join.charlie, join.derek]));
  });

  test('PartialStateJoinContinuesAfterRestart', async () => {
    const hs = await ownHomeserver();
    const alice = await hs.newUser('alice');
    const join = await PartialJoin.begin(alice);
    await join.asked;
    const first = await alice.sync();
    expect(first.rooms?.join?.[join.roomId]).toBeUndefined();
    await hs.kill();
    await hs.restart();
    const second = await alice.sync({ since: first.next_batch });
    expect(second.rooms?.join?.[join.roomId]).toBeUndefined();
    join.release();
    await alice.syncUntil('the room', isJoined(join.roomId), { since: second.next_batch });
    await join.end();
    await hs.stop();
  });

  test('PartialStateJoinSyncsUsingOtherHomeservers', async () => {
    const [alice, charlie] = await usersOnServers('alice', 'charlie');
    const server = await TestServer.start();
    const hs1 = await homeserver('hs1');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    const room = await server.join(hs1, roomId, server.user('david'));
    // It lets others in, and then has nothing to tell.
    const told = Promise.withResolvers<void>();
    for (const path of ['state_ids', 'state']) {
      server.server.on('GET', `/_matrix/federation/v1/${path}/*`, (_received, response) => {
        void told.promise.then(() => sendJson(response, 200, {}));
      });
    }
    const before = room.currentState();
    server.server.on('PUT', '/_matrix/federation/v2/send_join/*', (received, response) => {
      const join = room.adopt(received.body as RoomEvent['pdu']);
      const state = before.filter(({ pdu }) => pdu.type !== 'm.room.member');
      const pdus = (events: RoomEvent[]) => events.map(({ pdu }) => pdu);
      const json = {
        origin: server.name,
        members_omitted: true,
        event: join.pdu,
        state: pdus(state),
        auth_chain: pdus(room.authChain([...state, join]).filter((event) => !state.includes(event))),
        servers_in_room: [server.name, hs1.serverName],
      };
      sendJson(response, 200, json);
    });
    const { next_batch: since } = await charlie.sync();
    await charlie.join(roomId, {}, [server.name]).catch(() => {});
    if (!server.server.received.some(({ path }) => asksForLess(path))) skip('asks for the whole state');
    // Only who is in the room is told of its state.
    await server.transact(hs1, room.ends);
    await eventually(async () => {
      const member = await alice.state(roomId, 'm.room.member', charlie.userId);
      expect(member).toMatchObject({ membership: 'join' });
    });
    told.resolve();
    await charlie.syncUntil('the room', isJoined(roomId), { since });
    const member = await charlie.state(roomId, 'm.room.member', alice.userId);
    expect(member).toMatchObject({ membership: 'join' });
    await server.stop();
  });

  during('GappySyncAfterPartialStateSynced', async (join) => {
    const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
    await join.complete();
    const events = [join.room.message(join.derek, 'one'), join.room.message(join.derek, 'two')];
    await join.tell(...events);
    const sync = await join.user.sync({ since, filter: lazy({ limit: 1 }) });
    expect(timelineOf(sync, join.roomId).map(({ event_id: id }) => id)).toEqual([events[1]?.eventId]);
    expect(membersIn(sync, join.roomId)).toContain(join.derek);
  });

  during('Rejects make_join during partial join', (join) => expectUnknown(join, 'join'));
  during('Rejects make_knock during partial join', (join) => expectUnknown(join, 'knock'));
  during('Rejects send_join during partial join', (join) => expectNotTaken(join, 'join', 'v2/send_join'));
  during('Rejects send_knock during partial join', (join) => expectNotTaken(join, 'knock', 'v1/send_knock'));

  async function expectUnknown(join: PartialJoin, membership: string): Promise<void> {
    const other = await TestServer.start('peer2');
    const to = other.toUserOf(join.user);
    const path = `${p`v1/make_${membership}/${join.roomId}/${other.user('daniel')}`}?ver=10`;
    const { status, body } = await other.ask(to, 'GET', path);
    expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND']);
    await other.stop();
  }

  async function expectNotTaken(join: PartialJoin, membership: string, path: string): Promise<void> {
    const other = await TestServer.start('peer2');
    const template = join.room.template(other.user('daniel'), membership);
    const { pdu, eventId } = other.sign(template, '10');
    const to = other.toUserOf(join.user);
    const { status, body } = await other.ask(to, 'PUT', path + p`/${join.roomId}/${eventId}`, pdu);
    expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND']);
    await other.stop();
  }

  /** An alias of the user's server. */
  const aliasPath = (join: PartialJoin) =>
    p`/v3/directory/room/${`#${newName('partial')}:${join.user.serverName}`}`;

  during('Room aliases can be added and queried during a resync', async (join) => {
    const path = aliasPath(join);
    await join.user.ok('PUT', path, { room_id: join.roomId });
    const found = await join.user.ok<{ room_id: string; servers: string[] }>('GET', path);
    expect(found.room_id).toBe(join.roomId);
    expect(new Set(found.servers)).toEqual(new Set([join.user.serverName, join.server.name]));
  });

  during('Room aliases can be added and deleted during a resync', async (join) => {
    const path = aliasPath(join);
    await join.user.ok('PUT', path, { room_id: join.roomId });
    await join.user.ok('DELETE', path);
  });

  during('CanFastJoinDuringPartialStateJoin', async (join) => {
    const bob = await newLocal('bob');
    await bob.join(join.roomId, {}, [join.server.name]);
    const hasBob = (sync: SyncAnswer) =>
      memberEventOf(timelineOf(sync, join.roomId), bob.userId, 'join') !== undefined;
    await join.syncUntil("Bob's join", hasBob);
    await bob.syncUntil('the room', isJoined(join.roomId), { filter: lazy() });
  });

  during('Can change display name during partial state join', async (join) => {
    const { userId } = join.user;
    await join.user.ok('PUT', p`/v3/profile/${userId}/displayname`, { displayname: 'alice 2' });
    await join.server.pdu('the new name', (pdu) => {
      return pdu.state_key === userId && pdu.content.displayname === 'alice 2';
    });
  });

  describe('Leave during resync', () => {
    const leave = async (join: PartialJoin) => {
      const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
      await join.user.leave(join.roomId);
      return (await join.syncUntil('the leave', hasLeft(join.roomId), { since })).next_batch;
    };

    during('is seen after the resync', async (join) => {
      const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
      const leaving = join.user.leave(join.roomId);
      join.release();
      await leaving;
      await join.syncUntil('the leave', hasLeft(join.roomId), { since });
    });

    during('does not wait for resync', async (join) => {
      await leave(join);
      await join.server.pdu('the leave', (pdu) => {
        return pdu.sender === join.user.userId && pdu.content.membership === 'leave';
      });
    });

    during('works after a second partial join', async (join) => {
      const bob = await newLocal('bob');
      await bob.join(join.roomId, {}, [join.server.name]);
      const { next_batch: since } = await bob.syncUntil('the room', isJoined(join.roomId), {
        filter: lazy(),
      });
      await leave(join);
      const hasGone = (sync: SyncAnswer) =>
        memberEventOf(timelineOf(sync, join.roomId), join.user.userId, 'leave') !== undefined;
      await bob.syncUntil("Alice's leave", hasGone, { since, filter: lazy() });
    });

    during('succeeds, then rejoin succeeds without resync completing', async (join) => {
      const since = await leave(join);
      await join.user.join(join.roomId, {}, [join.server.name]);
      await join.syncUntil('the room', isJoined(join.roomId), { since });
    });

    during('succeeds, then another user can join without resync completing', async (join) => {
      await leave(join);
      const bob = await newLocal('bob');
      await bob.join(join.roomId, {}, [join.server.name]);
      await bob.syncUntil('the room', isJoined(join.roomId), { filter: lazy() });
    });

    for (const [name, membership] of [
      ['can be triggered by remote kick', 'leave'],
      ['can be triggered by remote ban', 'ban'],
    ] as const) {
      during(name, async (join) => {
        const { server, room, user } = join;
        const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
        const removal = room.member(user.userId, membership, join.charlie);
        await server.transact(server.toUserOf(user), [removal]);
        await join.syncUntil('the removal', hasLeft(join.roomId), { since });
      });
    }
  });
});

testAnswersOf('federation_room_join_partial_state');
