import { alreadyAnswered, unknownChannel, unknownInteraction, unknownMessage } from '../discord-api-error.ts';
import { createMessage, editMessage } from '../operations/messages.ts';
import { renderMessage } from '../render/render-message.ts';
import type { Interaction } from '../world.ts';
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

/** Follow-ups are posted as the application, by the interaction's token. */
export function followUp(call: RestCall): RestResult | undefined {
  const interactionToken = call.params.webhook_token;
  const interaction = [...call.world.interactions.values()].find((entry) => entry.token === interactionToken);
  if (!interaction || interaction.applicationId !== call.params.webhook_id) return undefined;
  requireInteraction(call, followUpWindowMs);
  const channel = call.world.channels.get(interaction.channelId);
  const application = call.world.applications.get(interaction.applicationId);
  if (!channel || !application) throw unknownChannel();
  const message = createMessage(call.simulation, channel, {
    author: { kind: 'user', id: application.botUserId },
    ...newMessageOf(call, channel),
    applicationId: application.id,
  });
  return ok(renderMessage(call.world, message));
}

export const interactionRoutes: Route[] = [
  {
    operationId: 'create_interaction_response',
    method: 'POST',
    path: '/interactions/{interaction_id}/{interaction_token}/callback',
    auth: 'path',
    run: (call) => {
      const interaction = requireInteraction(call, answerWindowMs);
      if (interaction.response) throw alreadyAnswered();
      interaction.response = { ...call.body };
      return noContent;
    },
  },
  {
    operationId: 'update_original_webhook_message',
    method: 'PATCH',
    path: '/webhooks/{webhook_id}/{webhook_token}/messages/@original',
    auth: 'path',
    run: (call) => {
      const interaction = requireInteraction(call, followUpWindowMs);
      if (!interaction.response) throw unknownMessage();
      interaction.response = { ...interaction.response, edited: { ...call.body } };
      const channel = call.world.channels.get(interaction.channelId);
      const application = call.world.applications.get(interaction.applicationId);
      if (!channel || !application) throw unknownChannel();
      const original = interaction.response.messageId;
      if (typeof original === 'string') {
        const edit = messageEditOf(call, channel, []);
        return ok(
          renderMessage(
            call.world,
            editMessage(call.simulation, channel, original, edit, application.botUserId),
          ),
        );
      }
      const message = createMessage(call.simulation, channel, {
        author: { kind: 'user', id: application.botUserId },
        ...newMessageOf(call, channel),
        applicationId: application.id,
      });
      interaction.response.messageId = message.id;
      return ok(renderMessage(call.world, message));
    },
  },
];
