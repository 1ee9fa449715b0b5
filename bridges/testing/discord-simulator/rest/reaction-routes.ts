import { requireMessage } from '../operations/messages.ts';
import { addReaction, clearReactions, parseEmoji, removeReaction } from '../operations/reactions.ts';
import { permission } from '../permissions.ts';
import { renderUser } from '../render/render-user.ts';
import { compareSnowflakes } from '../snowflakes.ts';
import {
  type BotCall,
  integerQuery,
  noContent,
  ok,
  type Route,
  requirePermission,
  visibleChannel,
} from './rest-call.ts';

const base = '/channels/{channel_id}/messages/{message_id}/reactions';

function target(call: BotCall): [messageId: string, emoji: string] {
  return [call.params.message_id ?? '', call.params.emoji_name ?? ''];
}

export const reactionRoutes: Route[] = [
  {
    operationId: 'add_my_message_reaction',
    method: 'PUT',
    path: `${base}/{emoji_name}/@me`,
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      const [messageId, emojiText] = target(call);
      const message = requireMessage(channel, messageId);
      const emoji = parseEmoji(call.world, emojiText);
      // Joining a reaction that others began needs no permission.
      const isNew = !message.reactions.some(
        ({ emoji: { id, name } }) => id === emoji.id && name === emoji.name,
      );
      requirePermission(
        call,
        channel,
        permission.readMessageHistory | (isNew ? permission.addReactions : 0n),
      );
      addReaction(call.simulation, channel, messageId, emojiText, call.application.botUserId);
      return noContent;
    },
  },
  {
    operationId: 'delete_my_message_reaction',
    method: 'DELETE',
    path: `${base}/{emoji_name}/@me`,
    auth: 'bot',
    run: (call) => {
      const [messageId, emoji] = target(call);
      removeReaction(call.simulation, visibleChannel(call), messageId, emoji, call.application.botUserId);
      return noContent;
    },
  },
  {
    operationId: 'delete_user_message_reaction',
    method: 'DELETE',
    path: `${base}/{emoji_name}/{user_id}`,
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageMessages);
      const [messageId, emoji] = target(call);
      removeReaction(call.simulation, channel, messageId, emoji, call.params.user_id ?? '');
      return noContent;
    },
  },
  {
    operationId: 'list_message_reactions_by_emoji',
    method: 'GET',
    path: `${base}/{emoji_name}`,
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      const [messageId, emojiText] = target(call);
      const emoji = parseEmoji(call.world, emojiText);
      const reaction = requireMessage(channel, messageId).reactions.find(
        ({ emoji: { id, name } }) => id === emoji.id && (id !== null || name === emoji.name),
      );
      const after = call.query.get('after') ?? '0';
      const ids = (reaction?.userIds ?? [])
        .filter((id) => compareSnowflakes(id, after) > 0)
        .sort(compareSnowflakes)
        .slice(0, integerQuery(call, 'limit', 25, 100));
      return ok(
        ids.flatMap((id) => {
          const user = call.world.users.get(id);
          return user ? [renderUser(user)] : [];
        }),
      );
    },
  },
  {
    operationId: 'delete_all_message_reactions_by_emoji',
    method: 'DELETE',
    path: `${base}/{emoji_name}`,
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageMessages);
      clearReactions(call.simulation, channel, ...target(call));
      return noContent;
    },
  },
  {
    operationId: 'delete_all_message_reactions',
    method: 'DELETE',
    path: base,
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageMessages);
      clearReactions(call.simulation, channel, call.params.message_id ?? '');
      return noContent;
    },
  },
];
