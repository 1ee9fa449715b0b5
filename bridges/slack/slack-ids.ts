import {
  asChatId,
  asLoginId,
  asMessageId,
  asRemoteUserId,
  type LoginId,
  type RemoteChatId,
  type RemoteMessageId,
  type RemoteUserId,
} from '../core/remote-ids.ts';

/**
 * The only maker and reader of remote ids. They are `TEAM`, `TEAM-CHANNEL`, `TEAM-CHANNEL-ts` and `TEAM-USER`:
 * channels are known by workspace, messages by their timestamp in a channel. A timestamp is a string of
 * seconds and six digits and never a float, which would lose the last of them.
 */

const idPattern = /^[A-Z0-9]{2,30}$/;
const tsPattern = /^[0-9]{1,12}\.[0-9]{6}$/;

export function isSlackId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}

export function isSlackTs(value: unknown): value is string {
  return typeof value === 'string' && tsPattern.test(value);
}

/** A workspace's space. */
export function teamChatId(teamId: string): RemoteChatId {
  return asChatId(checked(teamId));
}

export function chatIdOf(teamId: string, channelId: string): RemoteChatId {
  return asChatId(`${checked(teamId)}-${checked(channelId)}`);
}

export function messageIdOf(teamId: string, channelId: string, ts: string): RemoteMessageId {
  if (!isSlackTs(ts)) throw new Error('not a timestamp of Slack');
  return asMessageId(`${checked(teamId)}-${checked(channelId)}-${ts}`);
}

/** Of a person, an app's bot user, or (from its `bot_id`) an integration. */
export function userIdOf(teamId: string, userId: string): RemoteUserId {
  return asRemoteUserId(`${checked(teamId)}-${checked(userId)}`);
}

export function loginIdOf(teamId: string, userId: string): LoginId {
  return asLoginId(`${checked(teamId)}-${checked(userId)}`);
}

/** `channelId` is absent for the space. */
export function parseChatId(chatId: RemoteChatId): { teamId: string; channelId: string | undefined } {
  const [teamId = '', channelId] = chatId.split('-');
  return { teamId, channelId };
}

export function parseMessageId(messageId: RemoteMessageId): {
  teamId: string;
  channelId: string;
  ts: string;
} {
  const [teamId = '', channelId = '', ts = ''] = messageId.split('-');
  return { teamId, channelId, ts };
}

export function parseUserId(userId: RemoteUserId): { teamId: string; userId: string } {
  const [teamId = '', user = ''] = userId.split('-');
  return { teamId, userId: user };
}

/** Epoch milliseconds, by the digits. */
export function msOfTs(ts: string): number {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** The earliest timestamp of a millisecond. */
export function tsOfMs(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${seconds}.${String(ms - seconds * 1000).padStart(3, '0')}000`;
}

/** Orders timestamps: their seconds have the same number of digits for centuries, but nothing relies on it. */
export function compareTs(a: string, b: string): number {
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

function key(ts: string): string {
  return ts.padStart(20, '0');
}

function checked(id: string): string {
  if (!idPattern.test(id)) throw new Error('not an id of Slack');
  return id;
}
