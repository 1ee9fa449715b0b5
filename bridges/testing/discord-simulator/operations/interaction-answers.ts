import { alreadyAnswered, unknownInteraction } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import type { Application, Channel, Interaction, Message } from '../world.ts';
import { createMessage, type NewMessage } from './messages.ts';

const ephemeral = 1 << 6;
const messageWithSource = 4;

function placeOf(
  simulation: Simulation,
  interaction: Interaction,
): { channel: Channel; application: Application } {
  const channel = simulation.world.channels.get(interaction.channelId);
  const application = simulation.world.applications.get(interaction.applicationId);
  if (!channel || !application) throw unknownInteraction();
  return { channel, application };
}

/** Posts as the application, on behalf of an interaction. */
export function postForInteraction(
  simulation: Simulation,
  interaction: Interaction,
  content: Omit<NewMessage, 'author'>,
): Message {
  const { channel, application } = placeOf(simulation, interaction);
  return createMessage(simulation, channel, {
    ...content,
    author: { kind: 'user', id: application.botUserId },
    applicationId: application.id,
  });
}

/**
 * Takes an answer, by HTTP or by the callback. One with a message (type 4) is posted at once, unless only the asker is
 * to see it. @throws DiscordApiError 40060 for a second answer.
 */
export function answerInteraction(
  simulation: Simulation,
  interaction: Interaction,
  answer: Record<string, unknown>,
): void {
  if (interaction.response) throw alreadyAnswered();
  interaction.response = answer;
  const data = (answer.data ?? {}) as {
    content?: string;
    flags?: number;
    embeds?: Record<string, unknown>[];
  };
  if (answer.type !== messageWithSource || ((data.flags ?? 0) & ephemeral) !== 0) return;
  interaction.messageId = postForInteraction(simulation, interaction, {
    content: data.content ?? '',
    ...(data.embeds ? { embeds: data.embeds } : {}),
  }).id;
}
