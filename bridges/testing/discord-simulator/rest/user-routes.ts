import { unknownUser } from '../discord-api-error.ts';
import { openDm } from '../operations/channels.ts';
import { permissionsOfMember } from '../permissions.ts';
import { renderChannel } from '../render/render-channel.ts';
import { renderSelf, renderUser } from '../render/render-user.ts';
import { compareSnowflakes } from '../snowflakes.ts';
import type { User } from '../world.ts';
import { type BotCall, integerQuery, ok, type Route } from './rest-call.ts';

function requireUser(call: BotCall, id: string | undefined): User {
  const user = call.world.users.get(id === '@me' ? call.application.botUserId : (id ?? ''));
  if (!user) throw unknownUser();
  return user;
}

export const userRoutes: Route[] = [
  {
    operationId: 'get_my_user',
    method: 'GET',
    path: '/users/@me',
    auth: 'bot',
    run: (call) => ok(renderSelf(requireUser(call, '@me'))),
  },
  {
    operationId: 'list_my_guilds',
    method: 'GET',
    path: '/users/@me/guilds',
    auth: 'bot',
    run: (call) => {
      const { botUserId } = call.application;
      const after = call.query.get('after') ?? '0';
      const mine = [...call.world.guilds.values()]
        .filter((guild) => guild.members.has(botUserId) && compareSnowflakes(guild.id, after) > 0)
        .sort((a, b) => compareSnowflakes(a.id, b.id))
        .slice(0, integerQuery(call, 'limit', 200, 200));
      return ok(
        mine.map((guild) => ({
          id: guild.id,
          name: guild.name,
          icon: guild.icon,
          banner: null,
          owner: guild.ownerId === botUserId,
          permissions: permissionsOfMember(guild, botUserId).toString(),
          features: [],
        })),
      );
    },
  },
  {
    operationId: 'create_dm',
    method: 'POST',
    path: '/users/@me/channels',
    auth: 'bot',
    run: (call) => {
      const recipient = requireUser(call, String(call.body.recipient_id ?? ''));
      const channel = openDm(call.simulation, recipient.id, call.application.botUserId);
      return ok(renderChannel(call.world, channel, call.application.botUserId));
    },
  },
  {
    operationId: 'get_user',
    method: 'GET',
    path: '/users/{user_id}',
    auth: 'bot',
    run: (call) => ok(renderUser(requireUser(call, call.params.user_id))),
  },
];
