import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Clock } from '../loopback/clock.ts';
import type { SeededIds } from '../loopback/seeded-ids.ts';
import { Snowflakes } from './snowflakes.ts';

/** Everything Discord knows, as plain records. Handles, REST routes and the gateway are doors to it. */
export interface World {
  readonly ids: SeededIds;
  readonly snowflakes: Snowflakes;
  readonly clock: Clock;
  /** `http://127.0.0.1:port`, known once the server listens. */
  origin: string;
  readonly users: Map<string, User>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  readonly applications: Map<string, Application>;
  readonly webhooks: Map<string, Webhook>;
  readonly attachments: Map<string, Attachment>;
  readonly interactions: Map<string, Interaction>;
  /** Signs CDN links. */
  readonly cdnSecret: string;
}

export interface User {
  id: string;
  username: string;
  globalName: string | null;
  avatar: string | null;
  isBot: boolean;
}

export interface Member {
  userId: string;
  nick: string | null;
  joinedAt: string;
  roles: string[];
}

export interface Role {
  id: string;
  name: string;
  permissions: bigint;
  position: number;
  color: number;
}

export interface GuildEmoji {
  id: string;
  name: string;
  animated: boolean;
}

export interface Guild {
  id: string;
  name: string;
  icon: string | null;
  ownerId: string;
  roles: Map<string, Role>;
  members: Map<string, Member>;
  emojis: Map<string, GuildEmoji>;
}

export const channelType = {
  text: 0,
  dm: 1,
  voice: 2,
  category: 4,
  announcement: 5,
  publicThread: 11,
  privateThread: 12,
  forum: 15,
} as const;

export interface Overwrite {
  id: string;
  /** 0 for a role, 1 for a member. */
  type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export interface ThreadState {
  ownerId: string;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
  archiveTimestamp: string;
  createTimestamp: string;
  members: Map<string, string>;
  totalSent: number;
}

export interface Channel {
  id: string;
  type: number;
  /** Absent in direct messages. */
  guildId?: string;
  name: string;
  topic: string | null;
  parentId: string | null;
  position: number;
  overwrites: Overwrite[];
  messages: Map<string, Message>;
  lastMessageId: string | null;
  /** Of a direct message. */
  recipientIds: string[];
  thread?: ThreadState;
}

export interface Attachment {
  id: string;
  channelId: string;
  filename: string;
  contentType: string;
  bytes: Buffer;
  description?: string;
}

export interface Reaction {
  emoji: { id: string | null; name: string; animated?: boolean };
  userIds: string[];
}

export interface Message {
  id: string;
  channelId: string;
  type: number;
  content: string;
  /** The user, or the webhook as it named itself for this message. */
  author:
    | { kind: 'user'; id: string }
    | { kind: 'webhook'; id: string; username: string; avatar: string | null };
  applicationId?: string;
  timestamp: string;
  editedTimestamp: string | null;
  attachmentIds: string[];
  embeds: Record<string, unknown>[];
  mentionUserIds: string[];
  mentionRoleIds: string[];
  mentionEveryone: boolean;
  flags: number;
  tts: boolean;
  pinned: boolean;
  reactions: Reaction[];
  nonce?: string | number;
  reference?: { messageId?: string; channelId: string; guildId?: string };
  threadId?: string;
  position?: number;
}

export interface Application {
  id: string;
  name: string;
  botUserId: string;
  ownerId: string;
  token: string;
  publicKeyHex: string;
  privateKey: KeyObject;
  /** The privileged intents switched on in the developer portal, as bits. */
  privilegedIntents: number;
  interactionsUrl: string | null;
  commands: Record<string, unknown>[];
  identifiesLeft: number;
}

export interface Webhook {
  id: string;
  token: string;
  channelId: string;
  guildId: string;
  name: string;
  avatar: string | null;
  applicationId: string | null;
  creatorId: string;
}

export interface Interaction {
  id: string;
  token: string;
  applicationId: string;
  channelId: string;
  userId: string;
  createdMs: number;
  /** What the application answered, over HTTP or by the callback. */
  response: Record<string, unknown> | undefined;
  /** The message that the answer made, if it made one for all to see. */
  messageId?: string;
}

export function newWorld(ids: SeededIds, clock: Clock): World {
  return {
    ids,
    clock,
    snowflakes: new Snowflakes(clock),
    origin: '',
    users: new Map(),
    guilds: new Map(),
    channels: new Map(),
    applications: new Map(),
    webhooks: new Map(),
    attachments: new Map(),
    interactions: new Map(),
    cdnSecret: ids.hex(64),
  };
}

/** Discord's timestamps have microseconds and a numeric zone. */
export function isoTime(world: World): string {
  return new Date(world.clock.nowMs()).toISOString().replace('Z', '000+00:00');
}

export function newKeyPair(): { publicKeyHex: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKeyHex: raw.toString('hex'), privateKey };
}

export function cdnSignature(world: World, path: string, expiresHex: string, issuedHex: string): string {
  return createHmac('sha256', world.cdnSecret).update(`${path}?${expiresHex}&${issuedHex}`).digest('hex');
}

/** A thread's rules and visibility are its parent's. */
export function permissionChannel(world: World, channel: Channel): Channel {
  if (!channel.thread) return channel;
  return world.channels.get(channel.parentId ?? '') ?? channel;
}

export function channelsOf(world: World, guildId: string): Channel[] {
  return [...world.channels.values()].filter((channel) => channel.guildId === guildId);
}
