import type { Clock } from '../loopback/clock.ts';
import type { SeededIds } from '../loopback/seeded-ids.ts';

/** Everything Slack knows, as plain records. Handles and Web API methods are two doors to it. */
export interface World {
  readonly ids: SeededIds;
  readonly clock: Clock;
  /** `http://127.0.0.1:port`, known once the server listens. */
  origin: string;
  readonly teams: Map<string, Team>;
  readonly apps: Map<string, App>;
  readonly tokens: Map<string, Token>;
  readonly oauthCodes: Map<string, OauthCode>;
  /** Refresh token → the access token it renews. */
  readonly refreshTokens: Map<string, Token>;
  readonly uploads: Map<string, Upload>;
}

export interface Team {
  id: string;
  name: string;
  domain: string;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  files: Map<string, SlackFile>;
  /** Shortcode → image URL, or `alias:other`. */
  emoji: Map<string, string>;
  usergroups: Map<string, Usergroup>;
  /** How long a message may be edited; unlimited when absent, as by default. */
  editWindowS?: number;
}

export interface User {
  id: string;
  teamId: string;
  name: string;
  realName: string;
  displayName: string;
  isBot: boolean;
  botId?: string;
  appId?: string;
  deleted: boolean;
  updatedS: number;
  avatarHash: string;
}

export interface TopicOrPurpose {
  value: string;
  creator: string;
  last_set: number;
}

export type ChannelKind = 'channel' | 'group' | 'im' | 'mpim';

export interface Channel {
  id: string;
  teamId: string;
  kind: ChannelKind;
  name: string;
  creator: string;
  createdS: number;
  isArchived: boolean;
  topic: TopicOrPurpose;
  purpose: TopicOrPurpose;
  previousNames: string[];
  members: Set<string>;
  /** User → timestamp of the last message read. */
  lastRead: Map<string, string>;
  /** By timestamp, in order of sending. */
  messages: Map<string, Message>;
  lastTsMicros: bigint;
}

export interface Reaction {
  name: string;
  users: string[];
}

export interface MessageMetadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface Message {
  ts: string;
  channelId: string;
  /** Absent on posts under a custom name. */
  userId?: string;
  text: string;
  subtype?: string;
  /** Posted through the Web API by this app, be it with a bot's or a person's token. */
  app?: App;
  botId?: string;
  clientMsgId?: string;
  blocks?: unknown[];
  attachments?: unknown[];
  fileIds: string[];
  threadTs?: string;
  edited?: { user: string; ts: string };
  reactions: Reaction[];
  metadata?: MessageMetadata;
  customName?: { username: string; icons?: Record<string, string> };
  /** Fields of one subtype alone: `topic`, `purpose`, `inviter`, `name`, `old_name`. */
  extra?: Record<string, unknown>;
}

export interface SlackFile {
  id: string;
  teamId: string;
  userId: string;
  name: string;
  title: string;
  mimetype: string;
  filetype: string;
  createdS: number;
  bytes: Buffer;
  /** Where it was posted. */
  shares: { channelId: string; ts: string; threadTs?: string }[];
  deleted: boolean;
  /** `check_file_info` files (Slack Connect) show only this until asked for by `files.info`. */
  access?: 'check_file_info';
  /** The download answers with an HTML page while the file is not ready, as Slack does. */
  servesHtml: boolean;
}

export interface Upload {
  fileId: string;
  teamId: string;
  userId: string;
  name: string;
  length: number;
  bytes?: Buffer;
}

export interface Usergroup {
  id: string;
  teamId: string;
  handle: string;
  name: string;
  users: string[];
  createdS: number;
  creator: string;
}

export interface Installation {
  teamId: string;
  /** The person who authorised the app. */
  userId: string;
  userScopes: Set<string>;
}

export interface App {
  id: string;
  name: string;
  clientId: string;
  clientSecret: string;
  signingSecret: string;
  verificationToken: string;
  eventsUrl: string | undefined;
  /** Event types of `event_subscriptions.user_events`. */
  userEvents: Set<string>;
  botEvents: Set<string>;
  /** Team → the app's bot there. */
  bots: Map<string, { userId: string; botId: string; scopes: Set<string> }>;
  installations: Installation[];
  /** Access tokens live for twelve hours and are renewed by a refresh token that works once. */
  rotatesTokens: boolean;
}

export interface Token {
  value: string;
  teamId: string;
  userId: string;
  scopes: Set<string>;
  /** `personal` is what a person's own Slack client holds: all scopes and no app behind it. */
  kind: 'user' | 'bot' | 'personal';
  /** With token rotation only. */
  expiresMs?: number;
  app?: App;
  botId?: string;
}

export interface OauthCode {
  app: App;
  teamId: string;
  userId: string;
  userScopes: string[];
  botScopes: string[];
  redirectUri?: string;
}

export function newWorld(ids: SeededIds, clock: Clock): World {
  return {
    ids,
    clock,
    origin: '',
    teams: new Map(),
    apps: new Map(),
    tokens: new Map(),
    oauthCodes: new Map(),
    refreshTokens: new Map(),
    uploads: new Map(),
  };
}

/** Whole seconds, as `created` and `event_time` carry them. */
export function nowS(world: World): number {
  return Math.floor(world.clock.nowMs() / 1000);
}

export function teamOf(world: World, teamId: string): Team {
  const team = world.teams.get(teamId);
  if (!team) throw new Error(`no team ${teamId}`);
  return team;
}

export function channelOf(team: Team, channelId: string): Channel {
  const channel = team.channels.get(channelId);
  if (!channel) throw new Error(`no channel ${channelId} in team ${team.id}`);
  return channel;
}
