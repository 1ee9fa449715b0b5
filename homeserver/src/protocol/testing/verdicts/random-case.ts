import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { Random } from '../random.ts';
import { type EventFields, referenceToCreate } from '../room.ts';
import {
  joinRule,
  joinRules,
  levels,
  member,
  memberships,
  message,
  standing,
  topic,
  users,
} from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const people: readonly string[] = Object.values(users);
const powers = [-1, 0, 0, 1, 49, 50, 50, 51, 99, 100, 100, 101];
/** In events yet to be judged: not every version takes them. */
const oddPowers: readonly JsonValue[] = ['50', ' 100', '+0', 50.5, 2 ** 53];
const namedLevels = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'];
const eventTypes = [
  'm.room.message',
  'm.room.topic',
  'm.room.power_levels',
  'm.room.third_party_invite',
  'x',
];

/** A room in some state and an event that may be allowed in it or not. Each seed makes one case. */
export function randomCase(seed: number): VerdictCase {
  const random = new Random(seed);
  const current = random.chance(85) ? randomLevels(random, powers) : undefined;
  const lacks = [
    ...(current ? [] : ['m.room.power_levels']),
    ...(random.chance(10) ? ['m.room.join_rules'] : []),
  ];
  const state = [
    ...people.flatMap((user) => (random.chance(50) ? standing(user, random.pick(memberships)) : [])),
    ...(current ? [levels(current)] : []),
    ...(lacks.includes('m.room.join_rules') ? [] : [joinRule(random.pick(joinRules))]),
  ];
  const event = randomEvent(random, current ?? {});
  const isFirst = random.chance(5);
  return {
    name: `seed ${seed}`,
    create: randomCreate(random, event.type === 'm.room.member'),
    lacks,
    state,
    event: (room) => (isFirst ? { ...event, prev_events: [referenceToCreate(room)] } : event),
  };
}

function randomCreate(random: Random, isForMember: boolean): JsonObject {
  return {
    ...(random.chance(30) ? { additional_creators: [random.pick(people)] } : {}),
    ...(random.chance(20) ? { creator: random.pick(people) } : {}),
    // For members of other servers, Synapse goes beyond the rule.
    ...(!isForMember && random.chance(20) ? { 'm.federate': random.chance(50) } : {}),
  };
}

function randomEvent(random: Random, current: JsonObject): EventFields {
  const sender = random.pick(people);
  switch (random.below(10)) {
    case 0:
      return message(sender);
    case 1:
      return topic(sender);
    case 2:
    case 3:
    case 4:
      return levels(changedLevels(random, current), sender);
    case 5:
      return {
        type: random.pick(eventTypes.filter((type) => type !== 'm.room.power_levels')),
        sender,
        content: {},
        ...(random.chance(80) ? { state_key: random.pick(['', 'x', ...people]) } : {}),
      };
    default:
      return randomMember(random, sender);
  }
}

function randomMember(random: Random, sender: string): EventFields {
  const target = random.chance(50) ? sender : random.pick(people);
  const membership = random.pick([...memberships, 'join', 'x']);
  const via = random.chance(40) ? { join_authorised_via_users_server: random.pick(people) } : {};
  return member(target, membership, via, sender);
}

function randomLevels(random: Random, values: readonly JsonValue[]): JsonObject {
  const some = (keys: readonly string[], percent: number): JsonObject =>
    Object.fromEntries(
      keys.filter(() => random.chance(percent)).map((key) => [key, random.pick(values)] as const),
    );
  return {
    ...some(namedLevels, 25),
    users: some(people, 50),
    ...(random.chance(50) ? { events: some(eventTypes, 40) } : {}),
    ...(random.chance(20) ? { notifications: some(['room', 'x'], 60) } : {}),
  };
}

/** Often a change of one level only, which is what might be allowed. */
function changedLevels(random: Random, current: JsonObject): JsonObject {
  if (random.chance(15)) return randomLevels(random, powers);
  const value = random.chance(10) ? random.pick(oddPowers) : random.pick(powers);
  const changed: JsonObject = structuredClone(current);
  // Where the old ones name creators, version 12 refuses all that do: mostly not.
  const named = { ...(changed.users as JsonObject | undefined) };
  if (random.chance(60)) delete named[users.creator];
  const change = random.below(4);
  if (change === 0) changed[random.pick(namedLevels)] = value;
  if (change === 1) changed.events = { ...(changed.events as JsonObject), [random.pick(eventTypes)]: value };
  if (change === 2) named[random.pick(people)] = value;
  if (change === 3) delete named[random.pick(people)];
  return { ...changed, users: named };
}

export const randomTable: VerdictCase[] = Array.from({ length: 400 }, (_, seed) => randomCase(seed));
