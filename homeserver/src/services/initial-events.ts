import type { RoomAlias, UserId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import type { AppendInput } from '../objects/room-rpc.ts';
import type { RoomVersion } from '../protocol/room-versions.ts';

export type Preset = 'private_chat' | 'trusted_private_chat' | 'public_chat';

export interface InitialState {
  type: string;
  state_key: string;
  content: JsonObject;
}

export interface RoomPlan {
  creator: UserId;
  /** Member event content of the creator and of each invitee. */
  creatorContent: JsonObject;
  invites: { userId: UserId; content: JsonObject }[];
  preset: Preset;
  version: RoomVersion;
  alias?: RoomAlias | undefined;
  name?: string | undefined;
  topic?: string | undefined;
  initialState: readonly InitialState[];
  powerLevelOverride?: JsonObject | undefined;
}

/** The first events of a room behind its create event, in the order that `POST /createRoom` prescribes. */
export function initialEvents(plan: RoomPlan): AppendInput[] {
  const state = (type: string, content: JsonObject, stateKey = ''): AppendInput => ({
    sender: plan.creator,
    type,
    stateKey,
    content,
  });
  const { alias, name, topic } = plan;
  const overridden = new Set(name === undefined ? [] : ['m.room.name']);
  if (topic !== undefined) overridden.add('m.room.topic');
  const given = plan.initialState.filter(
    ({ type, state_key }) => !(state_key === '' && (overridden.has(type) || type === 'm.room.power_levels')),
  );
  const isGiven = (event: AppendInput) =>
    plan.initialState.some(({ type, state_key }) => type === event.type && state_key === event.stateKey);
  const ownPowerLevels = plan.initialState.find(
    ({ type, state_key }) => type === 'm.room.power_levels' && state_key === '',
  );
  return [
    state('m.room.member', plan.creatorContent, plan.creator),
    state('m.room.power_levels', {
      ...(ownPowerLevels?.content ?? powerLevels(plan)),
      ...plan.powerLevelOverride,
    }),
    ...(alias === undefined ? [] : [state('m.room.canonical_alias', { alias })]),
    ...presetEvents(plan.preset, state).filter((event) => !isGiven(event)),
    ...given.map(({ type, state_key, content }) => state(type, content, state_key)),
    ...(name === undefined ? [] : [state('m.room.name', { name })]),
    ...(topic === undefined ? [] : [state('m.room.topic', topicContent(topic))]),
    ...plan.invites.map(({ userId, content }) => state('m.room.member', content, userId)),
  ];
}

function presetEvents(
  preset: Preset,
  state: (type: string, content: JsonObject) => AppendInput,
): AppendInput[] {
  const isPublic = preset === 'public_chat';
  return [
    state('m.room.join_rules', { join_rule: isPublic ? 'public' : 'invite' }),
    state('m.room.history_visibility', { history_visibility: 'shared' }),
    state('m.room.guest_access', { guest_access: isPublic ? 'forbidden' : 'can_join' }),
  ];
}

function powerLevels({ creator, invites, preset, version }: RoomPlan): JsonObject {
  const equals = preset === 'trusted_private_chat' ? invites.map((invite) => invite.userId) : [];
  const leaders = version.creatorsHaveInfinitePower ? [] : [creator, ...equals];
  return {
    users: Object.fromEntries(leaders.map((userId) => [userId, 100])),
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.encryption': 100,
      'm.room.server_acl': 100,
      'm.room.tombstone': version.creatorsHaveInfinitePower ? 150 : 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: preset === 'public_chat' ? 50 : 0,
  };
}

function topicContent(topic: string): JsonObject {
  return { topic, 'm.topic': { 'm.text': [{ body: topic, mimetype: 'text/plain' }] } };
}

/**
 * Content of the create event. In version 12 the invitees of a `trusted_private_chat` are creators, too.
 * @param extra `creation_content` of the request
 */
export function createContent(
  version: RoomVersion,
  extra: JsonObject,
  preset: Preset,
  invitees: readonly UserId[],
): JsonObject {
  const { creator: _, ...content } = extra;
  const base: JsonObject = { ...content, room_version: version.id };
  if (!version.creatorsHaveInfinitePower || preset !== 'trusted_private_chat') return base;
  const named =
    isJsonObject(extra) && Array.isArray(extra.additional_creators) ? extra.additional_creators : [];
  const creators = [...new Set([...named, ...invitees])];
  return creators.length > 0 ? { ...base, additional_creators: creators } : base;
}
