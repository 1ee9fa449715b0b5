import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import { presenceStates } from './presence.ts';

/**
 * The accepted form of MSC4186, `POST /_matrix/client/v4/sync`. It is answered by the same engine as the form
 * that clients use so far: requests are translated to that one, answers from it.
 */

const maxElements = 200;
const text = v.pipe(v.string(), v.maxLength(255));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const elements = v.optional(
  v.pipe(
    v.array(v.object({ type: v.optional(text), state_key: v.optional(text) })),
    v.maxLength(maxElements),
  ),
  [],
);

const roomConfig = {
  timeline_limit: count,
  required_state: v.object({
    include: elements,
    exclude: elements,
    lazy_members: v.optional(v.boolean(), false),
  }),
};

const list = v.looseObject({
  ...roomConfig,
  range: v.optional(v.tuple([count, count])),
  filters: v.nullish(v.custom<JsonObject>(isJsonObject, 'must be an object')),
});

/** What the engine checks itself is not looked at here. */
export const slidingV4Request = v.looseObject({
  pos: v.optional(v.pipe(v.string(), v.maxLength(200))),
  timeout: v.optional(count, 0),
  set_presence: v.optional(v.picklist(presenceStates)),
  lists: v.optional(v.record(v.string(), list), {}),
  room_subscriptions: v.optional(v.record(v.string(), v.object(roomConfig)), {}),
  extensions: v.optional(v.record(v.string(), v.looseObject({})), {}),
});

type Config = Pick<v.InferOutput<typeof list>, 'timeline_limit' | 'required_state'>;

const threads = 'io.element.msc4308.thread_subscriptions';

/** The same request in the form that the engine understands, without `pos` and `timeout`. */
export function fromV4Request(request: v.InferOutput<typeof slidingV4Request>): JsonObject {
  const { thread_subscriptions, ...extensions } = request.extensions;
  return {
    ...(request.conn_id !== undefined && { conn_id: request.conn_id }),
    lists: mapValues(request.lists, ({ range, filters, ...config }) => ({
      ...translated(config),
      ...(range && { ranges: [range] }),
      ...(filters != null && { filters }),
    })),
    room_subscriptions: mapValues(request.room_subscriptions, translated),
    extensions: {
      ...extensions,
      ...(thread_subscriptions && { [threads]: { enabled: true, ...thread_subscriptions } }),
    },
  } as JsonObject;
}

function translated({ timeline_limit, required_state }: Config): JsonObject {
  const { include, exclude, lazy_members } = required_state;
  const pair = (element: (typeof include)[number]) => [element.type ?? '*', element.state_key ?? '*'];
  return {
    timeline_limit,
    required_state: [
      ...include.map(pair),
      ...exclude.map((element) => [...pair(element), '-']),
      ...(lazy_members ? [['m.room.member', '$LAZY']] : []),
    ],
  };
}

/** Names of a room's members that differ. */
const roomNames = new Map([
  ['timeline', 'timeline_events'],
  ['invite_state', 'stripped_state'],
  ['unstable_expanded_timeline', 'expanded_timeline'],
]);

/** @param more what this form tells besides: the user's membership, and lists that hold the room */
export function toV4Room(room: JsonObject, more: { membership: string; lists: string[] }): JsonObject {
  const renamed = Object.entries(room).map(([name, value]) => [roomNames.get(name) ?? name, value] as const);
  const { membership, lists } = more;
  return { ...Object.fromEntries(renamed), membership, ...(lists.length > 0 && { lists }) };
}

export function toV4Extensions({ [threads]: subscriptions, ...extensions }: JsonObject): JsonObject {
  return {
    ...extensions,
    ...(subscriptions !== undefined && { thread_subscriptions: subscriptions }),
  };
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
