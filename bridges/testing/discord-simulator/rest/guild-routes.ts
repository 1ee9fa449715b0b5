import { mayView } from '../permissions.ts';
import { renderChannel, renderThread } from '../render/render-channel.ts';
import { renderEmoji, renderGuild, renderRole } from '../render/render-guild.ts';
import { renderMember } from '../render/render-user.ts';
import { compareSnowflakes } from '../snowflakes.ts';
import { channelsOf } from '../world.ts';
import { type BotCall, integerQuery, ok, ownGuild, type Route, requireMember } from './rest-call.ts';

function visibleChannels(call: BotCall) {
  const guild = ownGuild(call);
  return channelsOf(call.world, guild.id).filter((channel) =>
    mayView(call.world, channel, call.application.botUserId),
  );
}

export const guildRoutes: Route[] = [
  {
    operationId: 'get_guild',
    method: 'GET',
    path: '/guilds/{guild_id}',
    auth: 'bot',
    run: (call) => {
      const guild = ownGuild(call);
      const counts =
        call.query.get('with_counts') === 'true'
          ? { approximate_member_count: guild.members.size, approximate_presence_count: guild.members.size }
          : {};
      return ok({ ...renderGuild(guild), ...counts });
    },
  },
  {
    operationId: 'list_guild_channels',
    method: 'GET',
    path: '/guilds/{guild_id}/channels',
    auth: 'bot',
    run: (call) =>
      ok(
        visibleChannels(call)
          .filter((channel) => !channel.thread)
          .map((channel) => renderChannel(call.world, channel, call.application.botUserId)),
      ),
  },
  {
    operationId: 'get_active_guild_threads',
    method: 'GET',
    path: '/guilds/{guild_id}/threads/active',
    auth: 'bot',
    run: (call) => {
      const { botUserId } = call.application;
      const active = visibleChannels(call).filter((channel) => channel.thread && !channel.thread.archived);
      const members = active.flatMap((thread) => {
        const joinedAt = thread.thread?.members.get(botUserId);
        return joinedAt ? [{ id: thread.id, user_id: botUserId, join_timestamp: joinedAt, flags: 1 }] : [];
      });
      return ok({
        threads: active
          .sort((a, b) => compareSnowflakes(b.id, a.id))
          .map((thread) => renderThread(thread, botUserId)),
        members,
        has_more: false,
      });
    },
  },
  {
    operationId: 'list_guild_members',
    method: 'GET',
    path: '/guilds/{guild_id}/members',
    auth: 'bot',
    run: (call) => {
      const after = call.query.get('after') ?? '0';
      const page = [...ownGuild(call).members.values()]
        .filter((member) => compareSnowflakes(member.userId, after) > 0)
        .sort((a, b) => compareSnowflakes(a.userId, b.userId))
        .slice(0, integerQuery(call, 'limit', 1, 1000));
      return ok(page.map((member) => renderMember(call.world, member)));
    },
  },
  {
    operationId: 'get_guild_member',
    method: 'GET',
    path: '/guilds/{guild_id}/members/{user_id}',
    auth: 'bot',
    run: (call) => ok(renderMember(call.world, requireMember(ownGuild(call), call.params.user_id ?? ''))),
  },
  {
    operationId: 'list_guild_roles',
    method: 'GET',
    path: '/guilds/{guild_id}/roles',
    auth: 'bot',
    run: (call) => ok([...ownGuild(call).roles.values()].map(renderRole)),
  },
  {
    operationId: 'list_guild_emojis',
    method: 'GET',
    path: '/guilds/{guild_id}/emojis',
    auth: 'bot',
    run: (call) => ok([...ownGuild(call).emojis.values()].map(renderEmoji)),
  },
];
