import * as v from 'valibot';
import type { ClientEvent } from '../matrix/events.ts';
import { isJsonObject, type JsonObject } from '../matrix/json.ts';

/**
 * The transactions of the Application Service API, "Pushing events", as both sides know them.
 * MSC2409's names are older than the stable ones and still the only ones that some libraries read, so
 * ephemeral data is sent under both and read from either.
 */

/** What a homeserver hands to an application service at once. */
export interface Transaction {
  /** Repeated with the same contents until it is acknowledged. */
  txnId: string;
  events: ClientEvent[];
  /** `m.typing`, `m.receipt` (with `room_id`), `m.presence`; only if the registration asks for them. */
  ephemeral: JsonObject[];
  toDevice: JsonObject[];
  /** Only if the registration asks for it. */
  deviceNews?: DeviceNews;
}

/** MSC3202: what devices that encrypt have to know. */
export interface DeviceNews {
  /** Whose devices or identity changed, or who newly shares a room with one of the service's users. */
  changed: string[];
  /** Who shares none with them any more. */
  left: string[];
  /** Of the service's own devices, by user, device and algorithm. */
  oneTimeKeyCounts: Record<string, Record<string, Record<string, number>>>;
  /** Likewise. */
  unusedFallbackKeyTypes: Record<string, Record<string, string[]>>;
}

export const transactionLimits = {
  maxEvents: 100,
  /** What we send at most. */
  maxBytes: 1024 * 1024,
  /** What we accept: other homeservers send up to a hundred events of 64 KiB. */
  maxReceivedBytes: 16 * 1024 * 1024,
  maxReceivedEvents: 10_000,
} as const;

const ephemeralName = 'de.sorunome.msc2409.ephemeral';
const toDeviceName = 'de.sorunome.msc2409.to_device';
const deviceListsName = 'org.matrix.msc3202.device_lists';
const countsName = 'org.matrix.msc3202.device_one_time_keys_count';
const fallbackTypesName = 'org.matrix.msc3202.device_unused_fallback_key_types';

const isText = (value: unknown) => typeof value === 'string' && value.length <= 1000;

const byDevice = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.record(v.string(), v.record(v.string(), schema));

/** The members that every event has; the content is the handler's to check. */
const event = v.custom<ClientEvent>(
  (value) =>
    isJsonObject(value) &&
    isText(value.event_id) &&
    isText(value.type) &&
    isText(value.sender) &&
    isText(value.room_id) &&
    typeof value.origin_server_ts === 'number' &&
    isJsonObject(value.content) &&
    (value.state_key === undefined || isText(value.state_key)),
  'not an event',
);

const list = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(v.array(schema), v.maxLength(transactionLimits.maxReceivedEvents));
const objects = v.optional(list(v.custom<JsonObject>(isJsonObject, 'not an object')));

const bodySchema = v.object({
  events: list(event),
  ephemeral: objects,
  [ephemeralName]: objects,
  to_device: objects,
  [toDeviceName]: objects,
  [deviceListsName]: v.optional(
    v.object({ changed: v.optional(list(v.string()), []), left: v.optional(list(v.string()), []) }),
  ),
  [countsName]: v.optional(byDevice(v.record(v.string(), v.number()))),
  [fallbackTypesName]: v.optional(byDevice(v.array(v.string()))),
});

/** @returns the parsed body, or what is wrong with it */
export function parseTransaction(txnId: string, body: unknown): Transaction | { problem: string } {
  const result = v.safeParse(bodySchema, body);
  if (!result.success) {
    const [issue] = result.issues;
    return { problem: `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`.slice(0, 500) };
  }
  const { events, ephemeral, to_device: toDevice } = result.output;
  return {
    txnId,
    events,
    ephemeral: ephemeral ?? result.output[ephemeralName] ?? [],
    toDevice: toDevice ?? result.output[toDeviceName] ?? [],
    ...deviceNewsOf(result.output),
  };
}

function deviceNewsOf({
  [deviceListsName]: lists,
  [countsName]: oneTimeKeyCounts = {},
  [fallbackTypesName]: unusedFallbackKeyTypes = {},
}: v.InferOutput<typeof bodySchema>): { deviceNews?: DeviceNews } {
  const { changed = [], left = [] } = lists ?? {};
  const news = { changed, left, oneTimeKeyCounts, unusedFallbackKeyTypes };
  return Object.values(news).some((part) => Object.keys(part).length > 0) ? { deviceNews: news } : {};
}

export function transactionBody({
  events,
  ephemeral,
  toDevice,
  deviceNews,
}: Omit<Transaction, 'txnId'>): JsonObject {
  return {
    events: events as unknown as JsonObject[],
    ...(ephemeral.length > 0 ? { ephemeral, [ephemeralName]: ephemeral } : {}),
    ...(toDevice.length > 0 ? { to_device: toDevice, [toDeviceName]: toDevice } : {}),
    ...(deviceNews && deviceNewsBody(deviceNews)),
  };
}

function deviceNewsBody({ changed, left, oneTimeKeyCounts, unusedFallbackKeyTypes }: DeviceNews): JsonObject {
  return {
    ...(changed.length + left.length > 0 && { [deviceListsName]: { changed, left } }),
    ...(Object.keys(oneTimeKeyCounts).length > 0 && {
      [countsName]: oneTimeKeyCounts,
      [fallbackTypesName]: unusedFallbackKeyTypes,
    }),
  };
}
