import { requireMessage } from '../operations/messages.ts';
import { addReaction, removeReaction } from '../operations/reactions.ts';
import { renderMessage } from '../render/render-message.ts';
import { joinedChannel, visibleChannel, type WebApiMethod } from '../web-api-call.ts';

export const reactionMethods: Record<string, WebApiMethod> = {
  'reactions.add': {
    scopes: ['reactions:write'],
    tier: 3,
    run: (call) => {
      const channel = joinedChannel(call);
      addReaction(
        call.simulation,
        call.token,
        channel,
        call.args.required('timestamp'),
        call.args.required('name'),
      );
      return {};
    },
  },
  'reactions.remove': {
    scopes: ['reactions:write'],
    tier: 2,
    run: (call) => {
      const channel = joinedChannel(call);
      removeReaction(
        call.simulation,
        call.token,
        channel,
        call.args.required('timestamp'),
        call.args.required('name'),
      );
      return {};
    },
  },
  'reactions.get': {
    scopes: ['reactions:read'],
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      const message = requireMessage(channel, call.args.required('timestamp'));
      const link = `https://${call.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
      return {
        type: 'message',
        channel: channel.id,
        message: { ...renderMessage(call.world, call.team, channel, message), permalink: link },
      };
    },
  },
};
