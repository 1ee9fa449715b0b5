import { pageOf } from '../pagination.ts';
import { renderChannel } from '../render/render-channel.ts';
import { renderBot } from '../render/render-message.ts';
import { renderProfile, renderUser } from '../render/render-user.ts';
import { SlackApiError } from '../slack-api-error.ts';
import { knownUser, type WebApiMethod } from '../web-api-call.ts';
import { listedKinds } from './conversations.ts';

export const userMethods: Record<string, WebApiMethod> = {
  'users.info': {
    scopes: ['users:read'],
    tier: 4,
    run: (call) => ({ user: renderUser(call.world, knownUser(call, call.args.required('user'))) }),
  },
  'bots.info': {
    scopes: ['users:read'],
    tier: 3,
    run: (call) => {
      const botId = call.args.optional('bot') ?? call.token.botId;
      for (const app of call.world.apps.values()) {
        const bot = app.bots.get(call.team.id);
        if (bot && bot.botId === botId) {
          const { team_id: _, ...shown } = renderBot(call.world, app, bot.botId, call.team.id);
          return { bot: { ...shown, user_id: bot.userId } };
        }
      }
      throw new SlackApiError('bot_not_found');
    },
  },
  'users.list': {
    scopes: ['users:read'],
    tier: 2,
    run: (call) => {
      const all = [...call.team.users.values()];
      const page = pageOf(all, call.args.optional('cursor'), call.args.integer('limit', all.length));
      return {
        members: page.items.map((user) => renderUser(call.world, user)),
        cache_ts: Math.floor(call.world.clock.nowMs() / 1000),
        response_metadata: { next_cursor: page.nextCursor },
      };
    },
  },
  'users.profile.get': {
    scopes: ['users.profile:read'],
    tier: 4,
    run: (call) => {
      const user = knownUser(call, call.args.optional('user') ?? call.token.userId);
      return { profile: renderProfile(call.world, user) };
    },
  },
  'users.conversations': {
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
    tier: 2,
    run: (call) => {
      const kinds = listedKinds(call);
      const userId = call.args.optional('user') ?? call.token.userId;
      const all = [...call.team.channels.values()].filter(
        (channel) =>
          kinds.has(channel.kind) &&
          channel.members.has(userId) &&
          (channel.kind === 'channel' || channel.members.has(call.token.userId)) &&
          !(channel.isArchived && call.args.flag('exclude_archived')),
      );
      const page = pageOf(all, call.args.optional('cursor'), Math.min(call.args.integer('limit', 100), 999));
      return {
        channels: page.items.map((channel) => {
          // This list says nothing of `is_member`: every entry is one's own.
          const { is_member: _, ...shown } = renderChannel(channel, call.token);
          return shown;
        }),
        response_metadata: { next_cursor: page.nextCursor },
      };
    },
  },
};
