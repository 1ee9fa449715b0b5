import type { FormPart } from '../loopback/multipart.ts';
import { conversationScope, mayKnow } from './event-audience.ts';
import { SlackApiError } from './slack-api-error.ts';
import type { Simulation } from './slack-simulator.ts';
import { type Channel, type Team, type Token, teamOf, type User, type World } from './world.ts';

/** The arguments of a call. Forms carry everything as text, and JSON inside text. */
export class CallArgs {
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Record<string, unknown>) {
    this.raw = raw;
  }

  optional(name: string): string | undefined {
    const value = this.raw[name];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  }

  /** @throws SlackApiError `invalid_arguments` when absent. */
  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      throw new SlackApiError('invalid_arguments', {
        response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
      });
    }
    return value;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.optional(name);
    return value === undefined ? otherwise : value === 'true' || value === '1';
  }

  integer(name: string, otherwise: number): number {
    const value = Number(this.optional(name) ?? otherwise);
    return Number.isInteger(value) ? value : otherwise;
  }

  list(name: string): string[] {
    const value = this.raw[name];
    if (Array.isArray(value)) return value.map(String);
    return (this.optional(name) ?? '').split(',').filter((entry) => entry !== '');
  }

  /** A structured argument, as JSON or as JSON in text. */
  structure(name: string, error: string): unknown {
    const value = this.raw[name];
    if (typeof value !== 'string') return value;
    if (value === '') return undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      throw new SlackApiError(error);
    }
  }
}

export interface WebApiCall {
  readonly simulation: Simulation;
  readonly world: World;
  readonly token: Token;
  readonly team: Team;
  readonly args: CallArgs;
  readonly files: FormPart[];
}

/** One method of the Web API. */
export interface WebApiMethod {
  /** One of these scopes is needed; none for an empty list. Conversation methods check theirs by the channel's kind. */
  scopes: string[];
  /** Calls a minute by the published tiers; `special` is a second a message and channel. */
  tier: 1 | 2 | 3 | 4 | 'special';
  run: (call: WebApiCall) => Record<string, unknown> | Promise<Record<string, unknown>>;
}

export function requireScope(token: Token, anyOf: string[]): void {
  if (anyOf.length === 0 || token.kind === 'personal' || anyOf.some((scope) => token.scopes.has(scope)))
    return;
  throw new SlackApiError('missing_scope', {
    needed: anyOf.join(','),
    provided: [...token.scopes].join(','),
  });
}

/** @throws SlackApiError `channel_not_found` also for what the person must not know of. */
export function visibleChannel(call: WebApiCall, argument = 'channel'): Channel {
  const channel = call.team.channels.get(call.args.required(argument));
  if (!channel || !mayKnow(call.token, channel)) throw new SlackApiError('channel_not_found');
  return channel;
}

/** @throws SlackApiError `missing_scope`, named for the kind of conversation. */
export function requireChannelScope(
  token: Token,
  channel: Channel,
  right: 'history' | 'read' | 'write',
): void {
  const scopes = [conversationScope(channel.kind, right)];
  if (right === 'write' && channel.kind === 'channel') scopes.push('channels:manage');
  requireScope(token, scopes);
}

/** A conversation the caller is in. @throws SlackApiError `not_in_channel` for a public one they only see. */
export function joinedChannel(call: WebApiCall, argument = 'channel'): Channel {
  const channel = visibleChannel(call, argument);
  if (!channel.members.has(call.token.userId)) throw new SlackApiError('not_in_channel');
  return channel;
}

export function knownUser(call: WebApiCall, userId: string): User {
  const user = call.team.users.get(userId);
  if (!user) throw new SlackApiError('user_not_found');
  return user;
}

/** @throws SlackApiError `not_authed`, `invalid_auth`, `token_expired` or `account_inactive`. */
export function authenticate(world: World, value: string | undefined): { token: Token; team: Team } {
  if (!value) throw new SlackApiError('not_authed');
  const token = world.tokens.get(value);
  if (!token) throw new SlackApiError('invalid_auth');
  if (token.expiresMs !== undefined && token.expiresMs <= world.clock.nowMs()) {
    throw new SlackApiError('token_expired');
  }
  const team = teamOf(world, token.teamId);
  if (team.users.get(token.userId)?.deleted) throw new SlackApiError('account_inactive');
  return { token, team };
}
