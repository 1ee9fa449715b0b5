import { conversationScope, mayKnow } from '../event-audience.ts';
import { pageOf } from '../pagination.ts';
import { renderChannel } from '../render/render-channel.ts';
import { SlackApiError } from '../slack-api-error.ts';
import {
  requireChannelScope,
  requireScope,
  visibleChannel,
  type WebApiCall,
  type WebApiMethod,
} from '../web-api-call.ts';
import type { ChannelKind } from '../world.ts';

const kindsByType: Record<string, ChannelKind> = {
  public_channel: 'channel',
  private_channel: 'group',
  im: 'im',
  mpim: 'mpim',
};

/** The kinds that the `types` argument asks for, each with its own scope. */
export function listedKinds(call: WebApiCall): Set<ChannelKind> {
  const types = call.args.list('types');
  const kinds = new Set<ChannelKind>();
  for (const type of types.length > 0 ? types : ['public_channel']) {
    const kind = kindsByType[type.trim()];
    if (!kind) throw new SlackApiError('invalid_types');
    requireScope(call.token, [conversationScope(kind, 'read')]);
    kinds.add(kind);
  }
  return kinds;
}

export const conversationMethods: Record<string, WebApiMethod> = {
  'conversations.list': {
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
    tier: 2,
    run: (call) => {
      const kinds = listedKinds(call);
      const all = [...call.team.channels.values()].filter(
        (channel) =>
          kinds.has(channel.kind) &&
          mayKnow(call.token, channel) &&
          !(channel.isArchived && call.args.flag('exclude_archived')),
      );
      const page = pageOf(all, call.args.optional('cursor'), Math.min(call.args.integer('limit', 100), 999));
      return {
        channels: page.items.map((channel) => renderChannel(channel, call.token, { memberCount: true })),
        response_metadata: { next_cursor: page.nextCursor },
      };
    },
  },
  'conversations.info': {
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      requireChannelScope(call.token, channel, 'read');
      const memberCount = call.args.flag('include_num_members');
      return { channel: renderChannel(channel, call.token, { lastRead: true, memberCount }) };
    },
  },
  'conversations.members': {
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
    tier: 4,
    run: (call) => {
      const channel = visibleChannel(call);
      requireChannelScope(call.token, channel, 'read');
      const limit = Math.min(call.args.integer('limit', 100), 999);
      const page = pageOf([...channel.members], call.args.optional('cursor'), limit);
      return { members: page.items, response_metadata: { next_cursor: page.nextCursor } };
    },
  },
};
