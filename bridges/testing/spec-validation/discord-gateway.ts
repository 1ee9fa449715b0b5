import { describeErrors } from './describe-errors.ts';
import { componentValidator } from './discord-openapi.ts';
import type { ViolationLog } from './violations.ts';

/**
 * The document says nothing of the gateway, but most dispatches carry an object that the HTTP API has too
 * (discord.com/developers/docs/events/gateway-events).
 */
const objectOf: Record<string, string> = {
  MESSAGE_CREATE: 'MessageResponse',
  MESSAGE_UPDATE: 'MessageResponse',
  CHANNEL_CREATE: 'GuildChannelResponse',
  CHANNEL_UPDATE: 'GuildChannelResponse',
  CHANNEL_DELETE: 'GuildChannelResponse',
  THREAD_CREATE: 'ThreadResponse',
  THREAD_UPDATE: 'ThreadResponse',
  GUILD_CREATE: 'GuildResponse',
  GUILD_UPDATE: 'GuildResponse',
  GUILD_MEMBER_ADD: 'GuildMemberResponse',
  GUILD_MEMBER_UPDATE: 'GuildMemberResponse',
};

/** Fields that the documentation requires of the others. */
const requiredFields: Record<string, string[]> = {
  MESSAGE_DELETE: ['id', 'channel_id'],
  MESSAGE_DELETE_BULK: ['ids', 'channel_id'],
  MESSAGE_REACTION_ADD: ['user_id', 'channel_id', 'message_id', 'emoji', 'burst', 'type'],
  MESSAGE_REACTION_REMOVE: ['user_id', 'channel_id', 'message_id', 'emoji', 'burst', 'type'],
  MESSAGE_REACTION_REMOVE_ALL: ['channel_id', 'message_id'],
  MESSAGE_REACTION_REMOVE_EMOJI: ['channel_id', 'message_id', 'emoji'],
  TYPING_START: ['channel_id', 'user_id', 'timestamp'],
  THREAD_DELETE: ['id', 'guild_id', 'parent_id', 'type'],
  THREAD_MEMBERS_UPDATE: ['id', 'guild_id', 'member_count'],
  GUILD_DELETE: ['id'],
  GUILD_MEMBER_REMOVE: ['guild_id', 'user'],
  WEBHOOKS_UPDATE: ['guild_id', 'channel_id'],
};

/** Checks a dispatch before it is numbered and sent. */
export function checkDispatch(violations: ViolationLog, event: string, data: Record<string, unknown>): void {
  const add = (message: string) => violations.add({ where: 'event', operation: event, message, body: data });
  const component = objectOf[event];
  if (component) {
    const validate = componentValidator(component);
    if (!validate(data)) add(describeErrors(validate));
    return;
  }
  const required = requiredFields[event];
  if (!required) add('no description of this dispatch');
  const missing = (required ?? []).filter((field) => !(field in data));
  if (missing.length > 0) add(`misses ${missing.join(', ')}`);
}
