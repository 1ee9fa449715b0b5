import * as v from 'valibot';
import { isJsonObject } from '../../../matrix/json.ts';
import type { RemoteEvent } from '../../core/remote-event.ts';
import { isOwnWebhookPost, type MessagePlace, remoteEdit, remoteMessage } from '../remote-events.ts';
import { rawMessageSchema, snowflakeSchema } from '../rest/answers.ts';
import { channelChat, messageName, type Snowflake } from '../snowflake.ts';
import {
  type DispatchContext,
  type DispatchEffects,
  type DispatchHandler,
  noEffects,
} from './dispatch-effects.ts';

/** Where a message in this channel belongs; nothing for channels that have no room. */
export function placeOf({ store, owner }: DispatchContext, channelId: Snowflake) {
  const channel = store.channels.get(channelId);
  if (!channel || channel.kind === 'category') return undefined;
  const isThread = channel.kind === 'thread';
  const roomChannelId = isThread ? channel.parentId : channelId;
  if (!roomChannelId || (isThread && store.channels.get(roomChannelId)?.kind !== 'text')) return undefined;
  const { applicationId, botUserId } = owner;
  const { guildId } = channel;
  const threadId = isThread ? channelId : undefined;
  const place: MessagePlace = { applicationId, botUserId, channelId: roomChannelId, threadId, guildId };
  return { channel, place };
}

export const messageCreate: DispatchHandler = (context, data) => {
  const raw = v.parse(rawMessageSchema, data);
  const found = placeOf(context, raw.channel_id);
  if (!found) return noEffects;
  if (found.channel.behind) {
    // What was missed comes first; the catch-up brings this one too.
    context.store.channels.setLast(raw.channel_id, raw.id);
    return noEffects;
  }
  const seen = [{ channelId: raw.channel_id, messageId: raw.id }];
  if (isOwnWebhookPost(raw, context.owner.applicationId)) return { ...noEffects, seen };
  return { ...deliver(found.place, remoteMessage(raw, found.place)), seen };
};

export const messageUpdate: DispatchHandler = (context, data) => {
  const raw = v.parse(rawMessageSchema, data);
  const found = placeOf(context, raw.channel_id);
  if (!found || isOwnWebhookPost(raw, context.owner.applicationId)) return noEffects;
  // Only we edit what we posted, and the room has seen that edit.
  const isOwn = isJsonObject(raw.author) && raw.author.id === context.owner.botUserId;
  return isOwn ? noEffects : deliver(found.place, remoteEdit(raw, found.place));
};

const deleteSchema = v.object({ id: snowflakeSchema, channel_id: snowflakeSchema });
const bulkSchema = v.object({ ids: v.array(snowflakeSchema), channel_id: snowflakeSchema });

export const messageDelete: DispatchHandler = (context, data) => {
  const { id, channel_id: channelId } = v.parse(deleteSchema, data);
  return removals(context, channelId, [id]);
};

export const messageDeleteBulk: DispatchHandler = (context, data) => {
  const { ids, channel_id: channelId } = v.parse(bulkSchema, data);
  return removals(context, channelId, ids);
};

function removals(
  context: DispatchContext,
  channelId: Snowflake,
  ids: readonly Snowflake[],
): DispatchEffects {
  const found = placeOf(context, channelId);
  if (!found) return noEffects;
  const chatId = channelChat(found.place.channelId);
  const timestampMs = context.nowMs;
  const events = ids.map((messageId): RemoteEvent => {
    return { kind: 'remove', chatId, timestampMs, messageId: messageName({ channelId, messageId }) };
  });
  return { ...noEffects, deliveries: events.map((event) => ({ chatId, event })) };
}

export function deliver(place: MessagePlace, event: RemoteEvent | undefined): DispatchEffects {
  return event ? { ...noEffects, deliveries: [{ chatId: channelChat(place.channelId), event }] } : noEffects;
}
