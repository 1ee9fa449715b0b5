import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RoomVersion } from '../../room-versions.ts';
import { stateMapKey } from '../../state-map.ts';
import type { StateMap } from '../../state-resolution/event-source.ts';
import type { EventFields } from '../room.ts';
import { joinRule, levels, member, message, topic, users } from '../verdicts/events.ts';
import { ownLevel, startedRoom } from './random-history.ts';
import type { RoomHistory } from './room-history.ts';

const { creator, admin, mod, user } = users;
const eve = '@eve:three';

/** The room of a scenario, and the states that are to be resolved. */
export interface Scene {
  history: RoomHistory;
  states: StateMap[];
}

/** Adds an event after others, from `start` on; the clock is at 1000 if it is not said. */
type Add = (name: string, after: string[], fields: EventFields, ts?: number) => void;

/** @returns the names of the last events, or the states themselves where no history alone leads to them */
type Script = (add: Add, history: RoomHistory) => string[] | StateMap[];

export function playScenario(script: Script, version: RoomVersion): Scene {
  const history = startedRoom(version);
  const add: Add = (name, after, fields, ts = 1000) => {
    history.add(name, fields, history.place(after), { ts });
  };
  const states = script(add, history).map((last) =>
    typeof last === 'string' ? history.place([last]).state : last,
  );
  return { history, states };
}

/** Power levels that name everybody of the beginning, unless said otherwise. */
function given(history: RoomHistory, sender: string, named: Record<string, number>, more: JsonObject = {}) {
  const usual = { ...ownLevel(history.version), [admin]: 100, [mod]: 50 };
  return levels({ users: { ...usual, ...named }, ...more }, sender);
}

const words = (sender: string, text: string): EventFields => ({ ...topic(sender), content: { topic: text } });

/** Races and attacks that state resolution is there for. */
export const scenarios: Readonly<Record<string, Script>> = {
  'a ban against new power levels': (add, history) => {
    add('ban', ['start'], member(mod, 'ban', {}, admin), 1100);
    add('byMod', ['start'], given(history, mod, { [user]: 25 }));
    return ['ban', 'byMod'];
  },

  'two new power levels': (add, history) => {
    add('byAdmin', ['start'], given(history, admin, { [user]: 10 }), 1100);
    add('byMod', ['start'], given(history, mod, { [user]: 20 }));
    return ['byAdmin', 'byMod'];
  },

  'a topic against a demotion': (add, history) => {
    add('demoted', ['start'], given(history, admin, { [mod]: 0 }), 1100);
    add('topic', ['start'], topic(mod));
    return ['demoted', 'topic'];
  },

  'a topic against a demotion that was undone': (add, history) => {
    add('demoted', ['start'], given(history, admin, { [mod]: 0 }));
    add('restored', ['demoted'], given(history, admin, { [mod]: 51 }), 1010);
    add('topic', ['start'], topic(mod), 1005);
    add('other', ['restored'], words(admin, 'other'), 1001);
    return ['other', 'topic'];
  },

  'a join against a change of the join rule': (add) => {
    add('closed', ['start'], joinRule('invite', admin));
    add('join', ['start'], member(eve, 'join'), 900);
    return ['closed', 'join'];
  },

  'a knock against a change of the join rule': (add) => {
    add('knocking', ['start'], joinRule('knock', admin));
    add('knock', ['knocking'], member(eve, 'knock'));
    add('closed', ['knocking'], joinRule('invite', admin), 1100);
    return ['knock', 'closed'];
  },

  'a restricted join against the demotion of who authorised it': (add, history) => {
    add('level', ['start'], given(history, admin, {}, { invite: 50 }));
    add('restricted', ['level'], joinRule('restricted', admin));
    add('join', ['restricted'], member(eve, 'join', { join_authorised_via_users_server: mod }));
    add('demoted', ['restricted'], given(history, admin, { [mod]: 0 }, { invite: 50 }), 1100);
    return ['join', 'demoted'];
  },

  'a restricted join against the leaving of who authorised it': (add) => {
    add('restricted', ['start'], joinRule('restricted', admin));
    add('join', ['restricted'], member(eve, 'join', { join_authorised_via_users_server: mod }), 1100);
    add('left', ['restricted'], member(mod, 'leave'));
    return ['join', 'left'];
  },

  'two moderators ban each other, each raised on one side': (add, history) => {
    add('second', ['start'], given(history, admin, { [user]: 50 }));
    add('modRaised', ['second'], given(history, admin, { [user]: 50, [mod]: 60 }), 1100);
    add('modBans', ['modRaised'], member(user, 'ban', {}, mod), 1110);
    add('userRaised', ['second'], given(history, creator, { [user]: 60 }), 1101);
    add('userBans', ['userRaised'], member(mod, 'ban', {}, user), 1105);
    return ['modBans', 'userBans'];
  },

  'a kick against a promotion': (add, history) => {
    add('kick', ['start'], member(mod, 'leave', {}, admin), 1050);
    add('promoted', ['start'], given(history, creator, { [mod]: 75 }), 1100);
    add('used', ['promoted'], given(history, mod, { [mod]: 75, [user]: 70 }), 1110);
    return ['kick', 'used'];
  },

  'power levels that go round': (add, history) => {
    add('first', ['start'], given(history, admin, { [user]: 60 }));
    add('second', ['first'], given(history, user, { [user]: 60, [mod]: 55 }), 990);
    add('third', ['first'], given(history, mod, { [user]: 60, [eve]: 45 }), 980);
    add('met', ['second', 'third'], message(user), 970);
    add('fourth', ['met'], given(history, admin, { [user]: 0 }), 960);
    add('fifth', ['third'], given(history, user, { [user]: 60, [mod]: 40 }), 950);
    return ['fourth', 'fifth', 'second'];
  },

  'the creator steps down': (add, history) => {
    const usual = { [admin]: 100, [mod]: 50 };
    const own = history.version.creatorsHaveInfinitePower ? {} : { [creator]: 10 };
    add('down', ['start'], levels({ users: { ...own, ...usual } }, creator));
    add('byCreator', ['start'], given(history, creator, { [eve]: 50 }), 1100);
    add('topic', ['down'], topic(creator), 1200);
    return ['topic', 'byCreator'];
  },

  'a banned moderator goes back before the ban': (add, history) => {
    add('before', ['start'], words(admin, 'before'));
    add('ban', ['before'], member(mod, 'ban', {}, admin), 1010);
    add('after', ['ban'], words(admin, 'after'), 1020);
    add('backdated', ['start'], given(history, mod, { [user]: 50 }), 1);
    add('used', ['backdated'], words(user, 'used'), 2);
    return ['after', 'used'];
  },

  'a demoted admin goes back and bans': (add, history) => {
    const down = { [admin]: 0 };
    add('down', ['start'], given(history, admin, down));
    add('talk', ['down'], message(creator), 1010);
    add('ban', ['start'], member(mod, 'ban', {}, admin), 1);
    add('topic', ['talk'], topic(mod), 1020);
    return ['topic', 'ban'];
  },

  'the topic of one who has left': (add) => {
    add('topic', ['start'], words(mod, 'mine'));
    add('left', ['topic'], member(mod, 'leave'), 1010);
    add('side', ['start'], words(admin, 'side'), 900);
    add('talk', ['left'], message(user), 1020);
    return ['talk', 'side'];
  },

  'the topic of one who was removed': (add) => {
    add('topic', ['start'], words(mod, 'mine'));
    add('removed', ['topic'], member(mod, 'leave', {}, admin), 1010);
    add('side', ['start'], words(admin, 'side'), 900);
    return ['removed', 'side'];
  },

  // MSC4297: what the states agree on says nothing about the time when an old event was sent.
  'a topic from before its author was banned against one with an earlier clock': (add) => {
    add('mine', ['start'], words(mod, 'mine'), 1100);
    add('ban', ['mine'], member(mod, 'ban', {}, admin), 1200);
    add('later', ['ban'], words(admin, 'later'), 1000);
    add('talk', ['ban'], message(user), 1210);
    return ['later', 'talk'];
  },

  // MSC4297: neither state has the topic of the other's line any more.
  'a missed topic from before its author was banned': (add, history) => {
    add('before', ['start'], words(admin, 'before'));
    add('mine', ['before'], words(mod, 'mine'), 1010);
    add('ban', ['mine'], member(mod, 'ban', {}, admin), 1020);
    return [history.place(['ban']).state, replaced(history, 'ban', topic(mod), 'before')];
  },

  // MSC4297: the power levels in between are in the chains of both states, so not in their difference.
  'power levels that were reset to old ones': (add, history) => {
    add('given', ['start'], given(history, admin, { [mod]: 99 }));
    add('topic', ['given'], topic(mod), 1010);
    add('used', ['topic'], given(history, mod, { [mod]: 99, [user]: 75 }), 1020);
    return [history.place(['used']).state, replaced(history, 'used', levels({}), 'levels')];
  },

  'a member event that was reset to an old one': (add, history) => {
    add('renamed', ['start'], member(mod, 'join', { displayname: 'M' }));
    add('topic', ['renamed'], topic(mod), 1010);
    add('again', ['topic'], member(mod, 'join', { displayname: 'N' }), 1020);
    return [history.place(['again']).state, replaced(history, 'again', member(mod, ''), 'mod')];
  },

  'two create events': (_add, history) => {
    const { version } = history;
    if (version.roomIds === 'createHash') return ['start'];
    const content = { room_version: version.id, creator, 'org.example.second': true };
    const second = { type: 'm.room.create', sender: creator, state_key: '', content };
    history.add('second', second, { heads: [], state: new Map() }, { ts: 50 });
    history.add('rejoin', member(creator, 'join'), history.place(['second']), { ts: 60 });
    history.add('own', levels({ users: { [creator]: 100 } }, creator), history.place(['rejoin']), { ts: 70 });
    history.add('topic', topic(creator), history.place(['own']), { ts: 80 });
    return ['start', 'topic'];
  },
};

/** The state after an event, but for one key, for which it has an older event. */
function replaced(
  history: RoomHistory,
  after: string,
  { type, state_key: stateKey = '' }: EventFields,
  by: string,
) {
  return new Map(history.place([after]).state).set(stateMapKey(type, stateKey), history.idOf(by));
}
