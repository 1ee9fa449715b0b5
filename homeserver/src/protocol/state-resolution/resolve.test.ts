import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoomVersion } from '../room-versions.ts';
import { stateMapKey } from '../state-map.ts';
import { TestGraph } from '../testing/event-graph.ts';
import { creator } from '../testing/room.ts';
import { allVersions, version } from '../testing/versions.ts';
import type { StateMap } from './event-source.ts';
import { withRanks } from './ranked-source.ts';
import { resolveState } from './resolve.ts';
import { resolveDifferences } from './resolve-differences.ts';

const admin = '@admin:one';
const bob = '@bob:two';
const eve = '@eve:three';

const topicKey = { type: 'm.room.topic', state_key: '' };
const join = { membership: 'join' };

/** Creator, admin (100) and bob (50) in a public room; `start` is its last event. */
function startedRoom(roomVersion: RoomVersion): TestGraph {
  const graph = new TestGraph(roomVersion);
  const member = (userId: string) => ({
    type: 'm.room.member',
    sender: userId,
    state_key: userId,
    content: join,
  });
  graph.add('creator', { ...member(creator), after: ['create'] });
  graph.add('levels', { ...levels({ [bob]: 50 }, graph), sender: creator, after: ['creator'] });
  graph.add('rules', { ...joinRule('public'), sender: creator, after: ['levels'] });
  graph.add('admin', { ...member(admin), after: ['rules'] });
  graph.add('start', { ...member(bob), after: ['admin'] });
  return graph;
}

function levels(users: Record<string, number>, graph: TestGraph) {
  const own: Record<string, number> = graph.version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
  return {
    type: 'm.room.power_levels',
    state_key: '',
    content: { users: { ...own, [admin]: 100, ...users } },
  };
}

function joinRule(rule: string) {
  return { type: 'm.room.join_rules', state_key: '', content: { join_rule: rule } };
}

const ban = (userId: string) => ({
  type: 'm.room.member',
  state_key: userId,
  content: { membership: 'ban' },
});

const since2 = allVersions.filter((each) => each.stateResolution !== 'v1');

describe.each(since2)('room version $id', (roomVersion) => {
  test('the states of the started room are allowed', () => {
    const graph = startedRoom(roomVersion);
    for (const [name, after] of [
      ['levels', 'creator'],
      ['rules', 'levels'],
      ['admin', 'rules'],
      ['start', 'admin'],
    ]) {
      expect(graph.isAllowedBefore(name ?? '', [after ?? '']), name).toBe(true);
    }
  });

  test('no state, one state, equal states', () => {
    const graph = startedRoom(roomVersion);
    const state = graph.state('start');
    expect(resolveState([], graph.source, roomVersion).size).toBe(0);
    expect(resolveState([state], graph.source, roomVersion)).toBe(state);
    expect(resolveState([state, new Map(state)], graph.source, roomVersion)).toEqual(state);
  });

  test('a ban beats what the banned user did beside it', () => {
    const graph = startedRoom(roomVersion);
    graph.add('ban', { ...ban(bob), sender: admin, after: ['start'] });
    graph.add('byBob', { ...levels({ [bob]: 50, [eve]: 50 }, graph), sender: bob, after: ['start'] });
    const state = graph.resolve(['ban', 'byBob']);
    expect(graph.winner(state, 'm.room.member', bob)).toBe('ban');
    expect(graph.winner(state, 'm.room.power_levels')).toBe('levels');
  });

  test('nobody evades a new join rule from beside it', () => {
    const graph = startedRoom(roomVersion);
    graph.add('private', { ...joinRule('invite'), sender: admin, after: ['start'] });
    graph.add('eve', { type: 'm.room.member', sender: eve, state_key: eve, content: join, after: ['start'] });
    const state = graph.resolve(['private', 'eve']);
    expect(graph.winner(state, 'm.room.join_rules')).toBe('private');
    expect(graph.winner(state, 'm.room.member', eve)).toBeUndefined();
  });

  test('of two changes of power levels the one of the mightier comes first', () => {
    const graph = startedRoom(roomVersion);
    graph.add('byAdmin', { ...levels({ [bob]: 0 }, graph), sender: admin, after: ['start'], ts: 200 });
    graph.add('byBob', {
      ...levels({ [bob]: 50, [eve]: 50 }, graph),
      sender: bob,
      after: ['start'],
      ts: 100,
    });
    const state = graph.resolve(['byAdmin', 'byBob']);
    expect(graph.winner(state, 'm.room.power_levels')).toBe('byAdmin');
  });

  test('of two topics the later by the clock stays', () => {
    const graph = startedRoom(roomVersion);
    graph.add('late', { ...topicKey, sender: bob, content: { topic: 'late' }, after: ['start'], ts: 200 });
    graph.add('early', {
      ...topicKey,
      sender: admin,
      content: { topic: 'early' },
      after: ['start'],
      ts: 100,
    });
    expect(graph.winner(graph.resolve(['late', 'early']), 'm.room.topic')).toBe('late');
  });

  test('a topic under newer power levels beats one under older, whatever the clocks say', () => {
    const graph = startedRoom(roomVersion);
    graph.add('old', { ...topicKey, sender: bob, content: { topic: 'old' }, after: ['start'], ts: 900 });
    graph.add('newLevels', { ...levels({ [bob]: 60 }, graph), sender: admin, after: ['start'], ts: 300 });
    graph.add('new', { ...topicKey, sender: bob, content: { topic: 'new' }, after: ['newLevels'], ts: 400 });
    const state = graph.resolve(['old', 'new']);
    expect(graph.winner(state, 'm.room.topic')).toBe('new');
    expect(graph.winner(state, 'm.room.power_levels')).toBe('newLevels');
  });

  test('a topic of one who lost the power beside it is undone', () => {
    const graph = startedRoom(roomVersion);
    graph.add('topic', { ...topicKey, sender: admin, content: { topic: 'first' }, after: ['start'] });
    graph.add('demoted', { ...levels({ [bob]: 0 }, graph), sender: admin, after: ['topic'] });
    graph.add('byBob', { ...topicKey, sender: bob, content: { topic: 'bob' }, after: ['topic'] });
    const state = graph.resolve(['demoted', 'byBob']);
    expect(graph.winner(state, 'm.room.power_levels')).toBe('demoted');
    expect(graph.winner(state, 'm.room.topic')).toBe('topic');
  });

  test('a chain of events on one side is applied in order', () => {
    const graph = startedRoom(roomVersion);
    graph.add('topic1', { ...topicKey, sender: bob, content: { topic: '1' }, after: ['start'] });
    graph.add('levels1', { ...levels({ [bob]: 55 }, graph), sender: admin, after: ['topic1'] });
    graph.add('topic2', { ...topicKey, sender: bob, content: { topic: '2' }, after: ['levels1'] });
    graph.add('levels2', { ...levels({ [bob]: 60 }, graph), sender: admin, after: ['topic2'] });
    graph.add('message', { type: 'm.room.message', sender: bob, after: ['start'] });
    const state = graph.resolve(['levels2', 'message']);
    expect(graph.winner(state, 'm.room.topic')).toBe('topic2');
    expect(graph.winner(state, 'm.room.power_levels')).toBe('levels2');
  });

  test('an unban on one side, a message on the other', () => {
    const graph = startedRoom(roomVersion);
    graph.add('ban', { ...ban(bob), sender: admin, after: ['start'] });
    graph.add('unban', { ...ban(bob), content: { membership: 'leave' }, sender: admin, after: ['ban'] });
    graph.add('other', { ...ban(eve), sender: admin, after: ['ban'] });
    const state = graph.resolve(['unban', 'other']);
    expect(graph.winner(state, 'm.room.member', bob)).toBe('unban');
    expect(graph.winner(state, 'm.room.member', eve)).toBe('other');
  });

  test('what lies between two states counts: who was given power on one side may use it', () => {
    const graph = startedRoom(roomVersion);
    graph.add('given', { ...levels({ [bob]: 100 }, graph), sender: admin, after: ['start'] });
    graph.add('used', { ...levels({ [bob]: 100, [eve]: 75 }, graph), sender: bob, after: ['given'] });
    graph.add('message', { type: 'm.room.message', sender: admin, after: ['start'] });
    const state = graph.resolve(['used', 'message']);
    expect(graph.winner(state, 'm.room.power_levels')).toBe('used');
  });

  test('the join of one who then changed the power levels is judged with that change', () => {
    const graph = startedRoom(roomVersion);
    graph.add('expected', { ...levels({ [bob]: 50, [eve]: 100 }, graph), sender: admin, after: ['start'] });
    graph.add('evesJoin', {
      type: 'm.room.member',
      sender: eve,
      state_key: eve,
      content: join,
      after: ['expected'],
    });
    const byEve = levels({ [bob]: 50, [eve]: 100, '@new:one': 1 }, graph);
    graph.add('byEve', { ...byEve, sender: eve, after: ['evesJoin'] });
    graph.add('private', { ...joinRule('invite'), sender: bob, after: ['expected'] });
    const state = graph.resolve(['byEve', 'private']);
    expect(graph.winner(state, 'm.room.member', eve)).toBe('evesJoin');
    expect(graph.winner(state, 'm.room.power_levels')).toBe('byEve');
    expect(graph.winner(state, 'm.room.join_rules')).toBe('private');
  });

  test('to leave undoes nothing that the user did before, to be removed does', () => {
    const topicAfter = (sender: string) => {
      const graph = startedRoom(roomVersion);
      graph.add('topic', { ...topicKey, sender: bob, content: { topic: 'b' }, after: ['start'], ts: 100 });
      graph.add('gone', { ...ban(bob), content: { membership: 'leave' }, sender, after: ['start'], ts: 200 });
      const state = graph.resolve(['topic', 'gone']);
      expect(graph.winner(state, 'm.room.member', bob)).toBe('gone');
      return graph.winner(state, 'm.room.topic');
    };
    expect(topicAfter(bob)).toBe('topic');
    expect(topicAfter(admin)).toBeUndefined();
  });

  test('a rejected auth event lends no authority', () => {
    const graph = startedRoom(roomVersion);
    graph.add('evesJoin', {
      type: 'm.room.member',
      sender: eve,
      state_key: eve,
      content: join,
      after: ['start'],
    });
    graph.add('evesLevels', { ...levels({ [eve]: 100 }, graph), sender: eve, after: ['evesJoin'] });
    graph.add('evesTopic', { ...topicKey, sender: eve, content: { topic: 'eve' }, after: ['evesLevels'] });
    const forged = new Map(graph.state('start')).set(stateMapKey('m.room.topic', ''), graph.id('evesTopic'));
    const rejected = new Set([graph.id('evesJoin'), graph.id('evesLevels')]);
    const source = {
      ...graph.source,
      isRejected: (eventId: string) => [...rejected].some((id) => id === eventId),
    };
    const state = resolveState([graph.state('start'), forged], source, roomVersion);
    expect(graph.winner(state, 'm.room.topic')).toBeUndefined();
    expect(graph.winner(state, 'm.room.power_levels')).toBe('levels');
  });

  test('lacks an event in conflict: an error, not a guess', () => {
    const graph = startedRoom(roomVersion);
    graph.add('topic', { ...topicKey, sender: bob, content: {}, after: ['start'] });
    const gone = graph.id('topic');
    const source = withRanks({
      get: (eventId) => (eventId === gone ? undefined : graph.source.get(eventId)),
    });
    expect(() => resolveState([graph.state('start'), graph.state('topic')], source, roomVersion)).toThrow(
      gone,
    );
  });
});

test('2.1 judges by the auth events an event has, not by what the states agree on', () => {
  const winnerIn = (id: string) => {
    const graph = startedRoom(version(id));
    graph.add('before', { ...topicKey, sender: admin, content: { topic: 'a' }, after: ['start'] });
    graph.add('byBob', { ...topicKey, sender: bob, content: { topic: 'b' }, after: ['before'] });
    graph.add('ban', { ...ban(bob), sender: admin, after: ['byBob'] });
    // The same, but for the topic that one side has missed.
    const missed = new Map(graph.state('ban')).set(stateMapKey('m.room.topic', ''), graph.id('before'));
    const state = resolveState([graph.state('ban'), missed], graph.source, graph.version);
    return graph.winner(state, 'm.room.topic');
  };
  expect(winnerIn('11')).toBe('before');
  expect(winnerIn('12')).toBe('byBob');
});

test('2.1 looks at what lies between two events, also where the states agree on its outcome', () => {
  const winnerIn = (id: string) => {
    const graph = startedRoom(version(id));
    graph.add('given', { ...levels({ [bob]: 100 }, graph), sender: admin, after: ['start'] });
    graph.add('topic', { ...topicKey, sender: bob, content: { topic: 'b' }, after: ['given'] });
    graph.add('used', { ...levels({ [bob]: 100, [eve]: 75 }, graph), sender: bob, after: ['topic'] });
    // The topic rests on `given`, which is therefore in the chains of both.
    const reset = new Map(graph.state('used')).set(
      stateMapKey('m.room.power_levels', ''),
      graph.id('levels'),
    );
    const state = resolveState([graph.state('used'), reset], graph.source, graph.version);
    return graph.winner(state, 'm.room.power_levels');
  };
  expect(winnerIn('11')).toBe('levels');
  expect(winnerIn('12')).toBe('used');
});

describe('room version 1', () => {
  test('conflicts of power levels: the deepest of the allowed run', () => {
    const graph = startedRoom(version('1'));
    graph.add('byAdmin', { ...levels({ [bob]: 55 }, graph), sender: admin, after: ['start'] });
    graph.add('message', { type: 'm.room.message', sender: bob, after: ['start'] });
    graph.add('byBob', { ...levels({ [bob]: 50, [eve]: 50 }, graph), sender: bob, after: ['message'] });
    graph.add('byEve', { ...levels({ [eve]: 100 }, graph), sender: eve, after: ['byBob'] });
    expect(graph.winner(graph.resolve(['byAdmin', 'byBob']), 'm.room.power_levels')).toBe('byBob');
    expect(graph.winner(graph.resolve(['byAdmin', 'byEve']), 'm.room.power_levels')).toBe('byAdmin');
  });

  test('other conflicts: the deepest that is allowed, else the shallowest', () => {
    const graph = startedRoom(version('1'));
    graph.add('shallow', { ...topicKey, sender: admin, content: { topic: 'a' }, after: ['start'] });
    graph.add('message', { type: 'm.room.message', sender: bob, after: ['start'] });
    graph.add('deep', { ...topicKey, sender: bob, content: { topic: 'b' }, after: ['message'] });
    graph.add('forbidden', { ...topicKey, sender: eve, content: { topic: 'c' }, after: ['deep'] });
    expect(graph.winner(graph.resolve(['shallow', 'deep']), 'm.room.topic')).toBe('deep');
    expect(graph.winner(graph.resolve(['shallow', 'forbidden']), 'm.room.topic')).toBe('shallow');
    graph.add('forbidden2', { ...topicKey, sender: eve, content: { topic: 'd' }, after: ['start'] });
    expect(graph.winner(graph.resolve(['forbidden', 'forbidden2']), 'm.room.topic')).toBe('forbidden2');
  });

  test('a key that one state lacks is no conflict', () => {
    const graph = startedRoom(version('1'));
    graph.add('topic', { ...topicKey, sender: eve, content: {}, after: ['start'] });
    graph.add('message', { type: 'm.room.message', sender: bob, after: ['start'] });
    expect(graph.winner(graph.resolve(['topic', 'message']), 'm.room.topic')).toBe('topic');
  });
});

/** The same by what the states differ in, with what they share behind a question. */
function inParts(names: string[], graph: TestGraph): StateMap {
  const states = names.map((name) => graph.state(name));
  const shared = new Map(
    [...graph.state('start')].filter(([key, id]) => states.every((state) => state.get(key) === id)),
  );
  const differing = states.map((state) => new Map([...state].filter(([key]) => !shared.has(key))));
  const resolved = resolveDifferences(
    differing,
    { get: (type, stateKey) => shared.get(stateMapKey(type, stateKey)), eventIds: () => shared.values() },
    graph.source,
    graph.version,
  );
  expect([...resolved.keys()].filter((key) => shared.has(key))).toEqual([]);
  return new Map([...shared, ...resolved]);
}

describe('any graph', () => {
  const step = fc.record({
    kind: fc.constantFrom('topic', 'levels', 'rules', 'ban', 'kick', 'join', 'message'),
    sender: fc.constantFrom(creator, admin, bob, eve),
    target: fc.constantFrom(admin, bob, eve),
    level: fc.constantFrom(0, 40, 50, 60, 100),
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  });

  test.each(['1', '2', '6', '10', '12'])('room version %s: the order of the states does not matter', (id) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        const graph = startedRoom(version(id));
        const names = ['start'];
        for (const [index, { kind, sender, target, level, parents }] of steps.entries()) {
          const after = [...new Set(parents.map((parent) => names[parent % names.length] ?? 'start'))];
          const fields = {
            topic: { ...topicKey, content: { topic: String(index) } },
            levels: levels({ [target]: level }, graph),
            rules: joinRule(level > 50 ? 'public' : 'invite'),
            ban: ban(target),
            kick: { ...ban(target), content: { membership: 'leave' } },
            join: { type: 'm.room.member', state_key: sender, content: join },
            message: { type: 'm.room.message' },
          }[kind];
          const name = `step${index}`;
          graph.add(name, { ...fields, sender, after });
          names.push(name);
        }
        const heads = names.slice(-4);
        const state = graph.resolve(heads);
        expect(graph.resolve(heads.toReversed())).toEqual(state);
        expect(graph.resolve([...heads, ...heads])).toEqual(state);
        expect(inParts(heads, graph)).toEqual(state);
        for (const [key, eventId] of graph.state('start')) {
          if (heads.every((head) => graph.state(head).get(key) === eventId)) {
            expect(state.get(key)).toBe(eventId);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
