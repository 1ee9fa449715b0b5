import * as v from 'valibot';
import { reactionEmoji } from '../emoji.ts';
import { snowflakeSchema } from '../rest/answers.ts';
import { channelChat, messageName, userName } from '../snowflake.ts';
import { type DispatchContext, type DispatchHandler, noEffects } from './dispatch-effects.ts';
import { deliver, placeOf } from './message-dispatches.ts';

const emojiSchema = v.object({ id: v.nullish(v.string()), name: v.nullish(v.string()) });
const targetSchema = v.object({ channel_id: snowflakeSchema, message_id: snowflakeSchema });
const reactionSchema = v.object({
  ...targetSchema.entries,
  user_id: snowflakeSchema,
  emoji: emojiSchema,
});
const removeEmojiSchema = v.object({ ...targetSchema.entries, emoji: emojiSchema });

export const reactionAdd: DispatchHandler = (context, data) => {
  const reaction = v.parse(reactionSchema, data);
  const common = commonOf(context, reaction);
  const emoji = reactionEmoji(reaction.emoji);
  // Our own stand for people of the room, whose reactions are there already.
  if (!common || !emoji || reaction.user_id === context.owner.botUserId) return noEffects;
  const sender = { userId: userName(reaction.user_id) };
  return deliver(common.place, { ...common.event, kind: 'reaction', sender, ...emoji });
};

export const reactionRemove: DispatchHandler = (context, data) => {
  const reaction = v.parse(reactionSchema, data);
  const common = commonOf(context, reaction);
  const emoji = reactionEmoji(reaction.emoji)?.emoji;
  if (!common || !emoji || reaction.user_id === context.owner.botUserId) return noEffects;
  const sender = { userId: userName(reaction.user_id) };
  return deliver(common.place, { ...common.event, kind: 'reactionRemove', sender, emoji });
};

export const reactionRemoveAll: DispatchHandler = (context, data) => {
  const common = commonOf(context, v.parse(targetSchema, data));
  return common ? deliver(common.place, { ...common.event, kind: 'reactionRemove' }) : noEffects;
};

export const reactionRemoveEmoji: DispatchHandler = (context, data) => {
  const removal = v.parse(removeEmojiSchema, data);
  const common = commonOf(context, removal);
  const emoji = reactionEmoji(removal.emoji)?.emoji;
  if (!common || !emoji) return noEffects;
  return deliver(common.place, { ...common.event, kind: 'reactionRemove', emoji });
};

function commonOf(context: DispatchContext, target: v.InferOutput<typeof targetSchema>) {
  const found = placeOf(context, target.channel_id);
  if (!found) return undefined;
  const event = {
    chatId: channelChat(found.place.channelId),
    messageId: messageName({ channelId: target.channel_id, messageId: target.message_id }),
    timestampMs: context.nowMs,
    // Discord tells no time and no version of a reaction; the dispatch itself is the version.
    version: context.dispatchId,
  };
  return { place: found.place, event };
}
