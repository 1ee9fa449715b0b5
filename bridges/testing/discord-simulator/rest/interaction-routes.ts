import { unknownChannel, unknownInteraction, unknownMessage } from '../discord-api-error.ts';
import { answerInteraction, postForInteraction } from '../operations/interaction-answers.ts';
import { editMessage, requireMessage } from '../operations/messages.ts';
import { renderMessage } from '../render/render-message.ts';
import type { Channel, Interaction, Message } from '../world.ts';
import { messageEditOf, newMessageOf } from './message-body.ts';
import { noContent, ok, type RestCall, type RestResult, type Route } from './rest-call.ts';

const answerWindowMs = 3000;
const followUpWindowMs = 15 * 60_000;

function requireInteraction(call: RestCall, windowMs: number): Interaction {
  const token = call.params.interaction_token ?? call.params.webhook_token;
  const interaction = [...call.world.interactions.values()].find((candidate) => candidate.token === token);
  if (!interaction) throw unknownInteraction();
  if (call.world.clock.nowMs() - interaction.createdMs > windowMs) throw unknownInteraction();
  return interaction;
}

/** Follow-ups are posted as the application, by the interaction's token; undefined when the token is no interaction's. */
export function followUp(call: RestCall): RestResult | undefined {
  const token = call.params.webhook_token;
  const interaction = [...call.world.interactions.values()].find((entry) => entry.token === token);
  if (!interaction || interaction.applicationId !== call.params.webhook_id) return undefined;
  requireInteraction(call, followUpWindowMs);
  return ok(renderMessage(call.world, post(call, interaction)));
}

function channelOf(call: RestCall, interaction: Interaction): Channel {
  const channel = call.world.channels.get(interaction.channelId);
  if (!channel) throw unknownChannel();
  return channel;
}

function post(call: RestCall, interaction: Interaction): Message {
  return postForInteraction(call.simulation, interaction, newMessageOf(call, channelOf(call, interaction)));
}

/** A deferred answer becomes a message with the first edit; one that is a message already is edited. */
function editOriginal(call: RestCall, interaction: Interaction): Message {
  if (!interaction.response) throw unknownMessage();
  if (!interaction.messageId) {
    const message = post(call, interaction);
    interaction.messageId = message.id;
    return message;
  }
  const channel = channelOf(call, interaction);
  const kept = requireMessage(channel, interaction.messageId).attachmentIds;
  const edit = messageEditOf(call, channel, kept);
  return editMessage(call.simulation, channel, interaction.messageId, edit, interaction.applicationId);
}

export const interactionRoutes: Route[] = [
  {
    operationId: 'create_interaction_response',
    method: 'POST',
    path: '/interactions/{interaction_id}/{interaction_token}/callback',
    auth: 'path',
    run: (call) => {
      answerInteraction(call.simulation, requireInteraction(call, answerWindowMs), { ...call.body });
      return noContent;
    },
  },
  {
    operationId: 'update_original_webhook_message',
    method: 'PATCH',
    path: '/webhooks/{webhook_id}/{webhook_token}/messages/@original',
    auth: 'path',
    run: (call) =>
      ok(renderMessage(call.world, editOriginal(call, requireInteraction(call, followUpWindowMs)))),
  },
];
