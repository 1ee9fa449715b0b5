import * as v from 'valibot';

/** MSC4186, in the shape that clients use: `POST …/org.matrix.simplified_msc3575/sync`. */

const maxLists = 100;
const maxSubscriptions = 500;
const maxRequiredState = 200;
const maxRooms = 1000;

const key = v.pipe(v.string(), v.maxLength(64));
const name = v.pipe(v.string(), v.maxLength(255));
const names = v.pipe(v.array(name), v.maxLength(maxRooms));
const rank = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const flag = v.nullish(v.boolean());

/**
 * A third member takes an entry out again (only the accepted form of MSC4186 can say that), unless another list
 * or subscription has no such exception.
 */
const statePair = v.union([v.tuple([name, name, v.literal('-')]), v.tuple([name, name])]);

const roomConfig = {
  timeline_limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  required_state: v.optional(v.pipe(v.array(statePair), v.maxLength(maxRequiredState)), []),
};

const filters = v.object({
  is_dm: flag,
  is_encrypted: flag,
  /** Invitations and knocks. */
  is_invite: flag,
  /** Invitations alone: of the accepted form. */
  is_invited: flag,
  spaces: v.nullish(names),
  room_types: v.nullish(v.pipe(v.array(v.nullable(name)), v.maxLength(maxRooms))),
  not_room_types: v.nullish(v.pipe(v.array(v.nullable(name)), v.maxLength(maxRooms))),
  tags: v.nullish(names),
  not_tags: v.nullish(names),
  room_name_like: v.nullish(name),
});

const list = v.object({
  ...roomConfig,
  /** Inclusive; absent: all rooms. */
  ranges: v.optional(v.pipe(v.array(v.tuple([rank, rank])), v.maxLength(100))),
  filters: v.nullish(filters),
});

const roomExtension = v.optional(
  v.object({
    enabled: v.optional(v.boolean()),
    lists: v.nullish(v.array(key)),
    rooms: v.nullish(names),
  }),
);

const extensions = v.object({
  to_device: v.optional(
    v.object({
      enabled: v.optional(v.boolean()),
      since: v.nullish(v.pipe(v.string(), v.maxLength(100))),
      limit: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
  e2ee: v.optional(v.object({ enabled: v.optional(v.boolean()) })),
  account_data: roomExtension,
  receipts: roomExtension,
  typing: roomExtension,
  'io.element.msc4308.thread_subscriptions': v.optional(
    v.object({
      enabled: v.optional(v.boolean()),
      limit: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
});

export const slidingRequest = v.object({
  conn_id: v.optional(v.pipe(v.string(), v.maxLength(255)), ''),
  txn_id: v.nullish(v.pipe(v.string(), v.maxLength(255))),
  lists: v.optional(
    v.pipe(
      v.record(key, list),
      v.check((lists) => Object.keys(lists).length <= maxLists, 'too many lists'),
    ),
    {},
  ),
  room_subscriptions: v.optional(
    v.pipe(
      v.record(name, v.object(roomConfig)),
      v.check((rooms) => Object.keys(rooms).length <= maxSubscriptions, 'too many subscriptions'),
    ),
    {},
  ),
  extensions: v.optional(extensions, {}),
});

export type SlidingRequest = v.InferOutput<typeof slidingRequest>;
export type SlidingList = v.InferOutput<typeof list>;
export type SlidingFilters = v.InferOutput<typeof filters>;
export type RoomExtension = NonNullable<v.InferOutput<typeof roomExtension>>;

/** What one list or subscription asks of a room. */
export interface RoomConfig {
  timelineLimit: number;
  requiredState: StatePair[];
}

export type StatePair = v.InferOutput<typeof statePair>;

/** A room that several ask for gets the highest limit and all the state (MSC4186). */
export function combineConfigs(configs: readonly RoomConfig[]): RoomConfig {
  const pairs = new Map(
    configs.flatMap(({ requiredState }) => requiredState).map((pair) => [JSON.stringify(pair), pair]),
  );
  const isException = (pair: StatePair) => pair.length === 3;
  const isInAll = (text: string) =>
    configs.every(({ requiredState }) => requiredState.some((pair) => JSON.stringify(pair) === text));
  return {
    timelineLimit: Math.max(0, ...configs.map((config) => config.timelineLimit)),
    requiredState: [...pairs]
      .filter(([text, pair]) => !isException(pair) || isInAll(text))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, pair]) => pair),
  };
}
