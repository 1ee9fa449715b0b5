import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10';
import type { DispatchHandler } from './dispatch-effects.ts';
import {
  channelChanged,
  channelDelete,
  guildCreate,
  guildDelete,
  guildUpdate,
  threadListSync,
} from './guild-dispatches.ts';
import { messageCreate, messageDelete, messageDeleteBulk, messageUpdate } from './message-dispatches.ts';
import {
  reactionAdd,
  reactionRemove,
  reactionRemoveAll,
  reactionRemoveEmoji,
} from './reaction-dispatches.ts';

/** What we ask Discord to tell. MessageContent is privileged: its switch is in the developer portal. */
export const intents =
  GatewayIntentBits.Guilds |
  GatewayIntentBits.GuildMessages |
  GatewayIntentBits.GuildMessageReactions |
  GatewayIntentBits.MessageContent;

/** All that is not here is of no use to the bridge. */
export const dispatchHandlers: Partial<Record<string, DispatchHandler>> = {
  [GatewayDispatchEvents.GuildCreate]: guildCreate,
  [GatewayDispatchEvents.GuildUpdate]: guildUpdate,
  [GatewayDispatchEvents.GuildDelete]: guildDelete,
  [GatewayDispatchEvents.ChannelCreate]: channelChanged,
  [GatewayDispatchEvents.ChannelUpdate]: channelChanged,
  [GatewayDispatchEvents.ChannelDelete]: channelDelete,
  [GatewayDispatchEvents.ThreadCreate]: channelChanged,
  [GatewayDispatchEvents.ThreadUpdate]: channelChanged,
  [GatewayDispatchEvents.ThreadDelete]: channelDelete,
  [GatewayDispatchEvents.ThreadListSync]: threadListSync,
  [GatewayDispatchEvents.MessageCreate]: messageCreate,
  [GatewayDispatchEvents.MessageUpdate]: messageUpdate,
  [GatewayDispatchEvents.MessageDelete]: messageDelete,
  [GatewayDispatchEvents.MessageDeleteBulk]: messageDeleteBulk,
  [GatewayDispatchEvents.MessageReactionAdd]: reactionAdd,
  [GatewayDispatchEvents.MessageReactionRemove]: reactionRemove,
  [GatewayDispatchEvents.MessageReactionRemoveAll]: reactionRemoveAll,
  [GatewayDispatchEvents.MessageReactionRemoveEmoji]: reactionRemoveEmoji,
};
