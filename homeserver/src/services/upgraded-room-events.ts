import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { AppendInput, CarriedState, UpgradeSource } from '../objects/room-rpc.ts';
import { canonicalJson } from '../protocol/canonical-json.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { furnishingPowerLevels, upgradedPowerLevels } from './upgraded-power-levels.ts';

export interface UpgradePlan {
  source: UpgradeSource;
  version: RoomVersion;
  upgrader: UserId;
  upgraderContent: JsonObject;
  /** The upgrader, and in version 12 the `additional_creators`. */
  creators: UserId[];
}

/** Content of the new room's create event. */
export function upgradedCreateContent(
  oldRoomId: RoomId,
  source: UpgradeSource,
  version: RoomVersion,
  additionalCreators: readonly UserId[],
): JsonObject {
  const { type, 'm.federate': federates } = source.createContent;
  const predecessor =
    version.roomIds === 'createHash'
      ? { room_id: oldRoomId }
      : { room_id: oldRoomId, event_id: source.lastEventId };
  return {
    ...(type === undefined ? {} : { type }),
    ...(federates === undefined ? {} : { 'm.federate': federates }),
    ...(additionalCreators.length > 0 ? { additional_creators: [...additionalCreators] } : {}),
    predecessor,
    room_version: version.id,
  };
}

/** The first events of the new room behind its create event, all sent by the upgrader. */
export function upgradedRoomEvents(plan: UpgradePlan): AppendInput[] {
  const { source, version, upgrader, creators } = plan;
  const former = { ...source, version: roomVersion(source.roomVersion) ?? version };
  const levels = upgradedPowerLevels(former, version, creators);
  const carried = source.state.filter(isCarried).map((state) => fitting(state, version));
  const banned = carried.filter(({ type }) => type === 'm.room.member').map(({ stateKey }) => stateKey);
  const furnishing = furnishingPowerLevels(levels, version, upgrader, banned);
  const state = ({ type, stateKey, content }: CarriedState): AppendInput => ({
    sender: upgrader,
    type,
    stateKey,
    content,
  });
  const power = (content: JsonObject) => state({ type: 'm.room.power_levels', stateKey: '', content });
  return [
    state({ type: 'm.room.member', stateKey: upgrader, content: plan.upgraderContent }),
    power(furnishing),
    ...carried.map(state),
    ...(furnishing === levels ? [] : [power(levels)]),
  ];
}

/** Not what is empty, as after a redaction, nor what only old room versions took for JSON. */
function isCarried({ type, content }: CarriedState): boolean {
  if (Object.keys(content).length === 0) return false;
  if (type === 'm.space.child' && !Array.isArray(content.via)) return false;
  try {
    canonicalJson(content);
    return true;
  } catch {
    return false;
  }
}

/** A join rule that the new version does not know lets nobody in, so it becomes the nearest stricter one. */
function fitting(state: CarriedState, version: RoomVersion): CarriedState {
  if (state.type !== 'm.room.join_rules') return state;
  const { join_rule: rule } = state.content;
  const isKnown =
    (rule !== 'knock' || version.knocking) &&
    (rule !== 'restricted' || version.restrictedJoins) &&
    (rule !== 'knock_restricted' || version.knockRestrictedJoins);
  if (isKnown) return state;
  const stricter = rule === 'knock_restricted' && version.restrictedJoins ? 'restricted' : 'invite';
  return { ...state, content: { ...state.content, join_rule: stricter } };
}
