import type { Application, Message, World } from '../world.ts';
import { renderMessage } from './render-message.ts';

export const messageContentIntent = 1 << 15;

/** Own messages, direct messages and mentions are readable without the intent. */
function mayRead(world: World, message: Message, application: Application, hasIntent: boolean): boolean {
  if (hasIntent || world.channels.get(message.channelId)?.guildId === undefined) return true;
  if (message.author.kind === 'user' && message.author.id === application.botUserId) return true;
  return message.applicationId === application.id || message.mentionUserIds.includes(application.botUserId);
}

/** A message as an application gets it, over REST and gateway alike: emptied without MESSAGE_CONTENT. */
export function renderForApplication(
  world: World,
  message: Message,
  application: Application,
  hasIntent: boolean = (application.privilegedIntents & messageContentIntent) !== 0,
): Record<string, unknown> {
  const rendered = renderMessage(world, message, application.botUserId);
  const referenced = message.reference?.messageId
    ? world.channels.get(message.reference.channelId)?.messages.get(message.reference.messageId)
    : undefined;
  const inner = rendered.referenced_message;
  const emptied = { content: '', attachments: [], embeds: [], components: [] };
  if (inner && referenced && !mayRead(world, referenced, application, hasIntent)) {
    rendered.referenced_message = { ...inner, ...emptied };
  }
  return mayRead(world, message, application, hasIntent) ? rendered : { ...rendered, ...emptied };
}
