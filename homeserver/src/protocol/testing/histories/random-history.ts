import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type { RoomVersion } from '../../room-versions.ts';
import type { EventFields } from '../room.ts';
import { joinRule, levels, member, message, users } from '../verdicts/events.ts';
import { addressInvite, addressOffer } from '../verdicts/third-party-cases.ts';
import { type PlannedStep, planHistory } from './planned-step.ts';
import { type Place, RoomHistory } from './room-history.ts';

const { creator, admin, mod, user } = users;

/** A room in which the planned steps have been tried, and the names of its last events. */
export function randomHistory(seed: number, version: RoomVersion): { history: RoomHistory; heads: string[] } {
  const history = startedRoom(version);
  const nameOf = (step: number) => (step < 0 ? 'start' : `step${step}`);
  const { steps, heads } = planHistory(seed);
  for (const [index, step] of steps.entries()) {
    const place = history.place(step.after.map(nameOf));
    history.add(nameOf(index), fieldsOf(step, index, place, history), place, {
      ts: step.ts,
      ifRefused: step.isSkippedIfRefused ? 'skip' : 'keep',
      ...(step.authFrom === undefined ? {} : { authFrom: history.place([nameOf(step.authFrom)]) }),
    });
  }
  return { history, heads: heads.map(nameOf) };
}

/** `creator`, `admin` (100), `mod` (50) and `user` are in a public room; its last event is `start`. */
export function startedRoom(version: RoomVersion): RoomHistory {
  const history = new RoomHistory(version);
  const beginning: Record<string, EventFields> = {
    creator: member(creator, 'join'),
    levels: levels({ users: { ...ownLevel(version), [admin]: 100, [mod]: 50 } }, creator),
    rules: joinRule('public', creator),
    admin: member(admin, 'join'),
    mod: member(mod, 'join'),
    start: member(user, 'join'),
  };
  let [last, ts] = ['create', 100];
  for (const [name, fields] of Object.entries(beginning)) {
    history.add(name, fields, history.place([last]), { ts });
    last = name;
    ts += 1;
  }
  return history;
}

/** Of the creator, where the version lets creators be named. */
export function ownLevel(version: RoomVersion): JsonObject {
  return version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
}

function fieldsOf(step: PlannedStep, index: number, place: Place, history: RoomHistory): EventFields {
  const [first = creator] = step.senders;
  const fieldsBy = (sender: string): EventFields => {
    const { content = {}, ...fields } = eventOf(step, sender, place, history);
    // No two events are the same.
    return { ...fields, content: { ...content, 'org.example.step': index } };
  };
  const lawful = step.isLawful
    ? step.senders.map(fieldsBy).find((fields) => history.wouldAllow(fields, place))
    : undefined;
  return lawful ?? fieldsBy(first);
}

function eventOf(step: PlannedStep, sender: string, place: Place, history: RoomHistory): EventFields {
  const { kind, target, choice } = step;
  switch (kind) {
    case 'topic':
    case 'name':
      return { type: `m.room.${kind}`, sender, state_key: '' };
    case 'levels':
      return levels(changedLevels(step, place, history), sender);
    case 'joinRule':
      return joinRule(step.joinRule, sender);
    case 'ban':
      return member(target, 'ban', {}, sender);
    case 'remove':
      return member(target, 'leave', {}, sender);
    case 'invite':
      return member(target, 'invite', {}, sender);
    case 'leave':
    case 'join':
    case 'knock':
      return member(sender, kind);
    case 'joinVia':
      return member(sender, 'join', { join_authorised_via_users_server: target });
    case 'message':
      return message(sender);
    case 'offer':
      return addressOffer(sender);
    case 'inviteByAddress':
      return addressInvite(sender);
    case 'own':
      return { type: 'org.example.own', sender, state_key: choice < 6 ? sender : target };
    case 'aliases':
      return {
        type: 'm.room.aliases',
        sender,
        state_key: choice < 9 ? sender.slice(sender.indexOf(':') + 1) : 'one',
      };
    default:
      return kind satisfies never;
  }
}

const settings = ['users_default', 'events_default', 'state_default', 'ban', 'kick', 'invite'];
const types = ['m.room.topic', 'm.room.name', 'm.room.power_levels', 'm.room.join_rules'];

/** The levels there are with one changed: mostly somebody's. */
function changedLevels(
  { target, level, choice }: PlannedStep,
  place: Place,
  history: RoomHistory,
): JsonObject {
  const current = history.find(place.state, 'm.room.power_levels')?.content ?? {};
  const { 'org.example.step': _, ...content } = current;
  if (choice === 0) return { ...content, [settings[level % settings.length] ?? 'ban']: level };
  if (choice === 1) {
    const events = isJsonObject(content.events) ? content.events : {};
    return { ...content, events: { ...events, [types[level % types.length] ?? 'x']: level } };
  }
  const named = isJsonObject(content.users) ? content.users : {};
  const { [target]: __, ...others } = named;
  const isLeftOut = choice === 2 || (history.version.creatorsHaveInfinitePower && target === creator);
  return { ...content, users: isLeftOut ? others : { ...named, [target]: level } };
}
