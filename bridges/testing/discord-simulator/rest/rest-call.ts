import type { FormPart } from '../../loopback/multipart.ts';
import {
  missingAccess,
  missingPermissions,
  unknownChannel,
  unknownGuild,
  unknownMember,
} from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { mayView, permissionsIn } from '../permissions.ts';
import { renderForApplication } from '../render/without-content.ts';
import type { Application, Channel, Guild, Message, World } from '../world.ts';

/** A request as a route gets it: matched, authenticated and checked against the specification. */
export interface RestCall {
  readonly simulation: Simulation;
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly files: readonly FormPart[];
}

export interface BotCall extends RestCall {
  readonly application: Application;
}

export interface RestResult {
  status: number;
  body?: unknown;
}

interface RouteBase {
  /** As the OpenAPI names it. */
  operationId: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
}

export type Route =
  | (RouteBase & { auth: 'bot'; run: (call: BotCall) => RestResult })
  /** The token is in the path. */
  | (RouteBase & { auth: 'path'; run: (call: RestCall) => RestResult });

export const noContent: RestResult = { status: 204 };

export function ok(body: unknown): RestResult {
  return { status: 200, body };
}

/** @throws DiscordApiError 10003 when there is none, 50001 when the bot may not see it. */
export function visibleChannel(call: BotCall, parameter = 'channel_id'): Channel {
  const channel = call.world.channels.get(call.params[parameter] ?? '');
  if (!channel) throw unknownChannel();
  if (!mayView(call.world, channel, call.application.botUserId)) throw missingAccess();
  return channel;
}

/** @throws DiscordApiError 50013 */
export function requirePermission(call: BotCall, channel: Channel, needed: bigint): void {
  const has = permissionsIn(call.world, channel, call.application.botUserId);
  if ((has & needed) !== needed) throw missingPermissions();
}

/** @throws DiscordApiError 10004 also for guilds that the bot is not in. */
export function ownGuild(call: BotCall): Guild {
  const guild = call.world.guilds.get(call.params.guild_id ?? '');
  if (!guild?.members.has(call.application.botUserId)) throw unknownGuild();
  return guild;
}

export function requireMember(guild: Guild, userId: string) {
  const member = guild.members.get(userId);
  if (!member) throw unknownMember();
  return member;
}

/** A message as this bot may read it. */
export function shown(call: BotCall, message: Message): Record<string, unknown> {
  return renderForApplication(call.world, message, call.application);
}

export function integerQuery(call: RestCall, name: string, otherwise: number, most: number): number {
  const value = Number(call.query.get(name) ?? otherwise);
  return Number.isInteger(value) ? Math.min(Math.max(value, 1), most) : otherwise;
}
