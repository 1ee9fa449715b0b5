import { AppServiceRegistration } from 'matrix-appservice/lib/app-service-registration.js';
import * as v from 'valibot';

/** One namespace entry of a registration, its pattern compiled and anchored at both ends. */
export interface Namespace {
  regex: string;
  exclusive: boolean;
  pattern: RegExp;
}

/** Application Service API, "Registration", with the ecosystem's additions. */
export interface Registration {
  id: string;
  /** Absent or null in the file: the service wants no traffic. */
  url: string | undefined;
  asToken: string;
  hsToken: string;
  senderLocalpart: string;
  namespaces: { users: Namespace[]; aliases: Namespace[]; rooms: Namespace[] };
  rateLimited: boolean;
  protocols: string[];
  /** MSC2409: ephemeral events are sent too. */
  receiveEphemeral: boolean;
  /** MSC3202: is told of device lists and of the keys that its devices have left. */
  deviceNews: boolean;
  /** MSC4190: devices are made by `PUT /devices`, without login. */
  deviceManagement: boolean;
}

const namespaceSchema = v.object({
  regex: v.pipe(v.string(), v.minLength(1), v.maxLength(1000)),
  exclusive: v.optional(v.boolean(), false),
});

/** What the `matrix-appservice` object drops or does not know. */
const extensionSchema = v.looseObject({
  url: v.nullish(v.string()),
  receive_ephemeral: v.optional(v.boolean()),
  'de.sorunome.msc2409.push_ephemeral': v.optional(v.boolean()),
  'org.matrix.msc3202': v.optional(v.boolean()),
  'io.element.msc4190': v.optional(v.boolean()),
  namespaces: v.optional(
    v.object({
      users: v.optional(v.nullable(v.array(namespaceSchema)), []),
      aliases: v.optional(v.nullable(v.array(namespaceSchema)), []),
      rooms: v.optional(v.nullable(v.array(namespaceSchema)), []),
    }),
    {},
  ),
});

/**
 * Reads a registration from the object that its YAML file holds.
 * @throws Error that names what is missing or wrong
 */
export function parseRegistration(source: Record<string, unknown>): Registration {
  const core = AppServiceRegistration.fromObject(source as never).getOutput();
  const extension = v.parse(extensionSchema, source);
  return {
    id: core.id,
    url: extension.url || undefined,
    asToken: core.as_token,
    hsToken: core.hs_token,
    senderLocalpart: core.sender_localpart,
    namespaces: {
      users: compile(extension.namespaces.users),
      aliases: compile(extension.namespaces.aliases),
      rooms: compile(extension.namespaces.rooms),
    },
    rateLimited: core.rate_limited ?? true,
    protocols: core.protocols ?? [],
    receiveEphemeral: extension.receive_ephemeral ?? extension['de.sorunome.msc2409.push_ephemeral'] ?? false,
    deviceNews: extension['org.matrix.msc3202'] ?? false,
    deviceManagement: extension['io.element.msc4190'] ?? false,
  };
}

export function matches(namespaces: readonly Namespace[], id: string): boolean {
  return namespaces.some((namespace) => namespace.pattern.test(id));
}

/**
 * Whether this user is the service's own: its bot, or one in an exclusive namespace of it (a ghost). Such a
 * user does not sync: of it a `UserSyncObject` keeps little more than its own memberships.
 */
export function ownsUser(registration: Registration, userId: string, serverName: string): boolean {
  const exclusiveNamespaces = registration.namespaces.users.filter(({ exclusive }) => exclusive);
  return isUserOf(registration, exclusiveNamespaces, userId, serverName);
}

/**
 * Whether the service may act as this user ("Identity assertion") and hears of the rooms that this user is
 * in ("Registration": `exclusive: false` shares people, as double puppeting does).
 */
export function mayAssertUser(registration: Registration, userId: string, serverName: string): boolean {
  return isUserOf(registration, registration.namespaces.users, userId, serverName);
}

function isUserOf(
  registration: Registration,
  namespaces: readonly Namespace[],
  userId: string,
  serverName: string,
): boolean {
  return (
    userId === `@${registration.senderLocalpart}:${serverName}` ||
    (userId.endsWith(`:${serverName}`) && matches(namespaces, userId))
  );
}

function compile(entries: v.InferOutput<typeof namespaceSchema>[] | null): Namespace[] {
  return (entries ?? []).map(({ regex, exclusive }) => ({
    regex,
    exclusive,
    pattern: new RegExp(`^(?:${regex})$`),
  }));
}
