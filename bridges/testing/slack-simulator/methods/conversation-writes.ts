import {
  addMember,
  createChannel,
  openDm,
  removeMember,
  renameChannel,
  setPurpose,
  setTopic,
} from '../operations/channels.ts';
import { renderChannel } from '../render/render-channel.ts';
import { SlackApiError } from '../slack-api-error.ts';
import { microsFromTs } from '../timestamps.ts';
import {
  joinedChannel,
  knownUser,
  requireChannelScope,
  requireScope,
  visibleChannel,
  type WebApiCall,
  type WebApiMethod,
} from '../web-api-call.ts';
import type { Channel } from '../world.ts';

const writeScopes = ['channels:write', 'channels:manage', 'groups:write', 'im:write', 'mpim:write'];

function shown(call: WebApiCall, channel: Channel): Record<string, unknown> {
  return renderChannel(channel, call.token, { lastRead: true });
}

function namedChannel(call: WebApiCall): Channel {
  const channel = joinedChannel(call);
  requireChannelScope(call.token, channel, 'write');
  if (channel.kind === 'im' || channel.kind === 'mpim')
    throw new SlackApiError('method_not_supported_for_channel_type');
  return channel;
}

export const conversationWriteMethods: Record<string, WebApiMethod> = {
  'conversations.open': {
    scopes: ['channels:manage', 'groups:write', 'im:write', 'mpim:write'],
    tier: 3,
    run: (call) => {
      const users = call.args.list('users');
      const existing = call.args.optional('channel') ? visibleChannel(call) : undefined;
      if (!existing && users.length === 0) throw new SlackApiError('users_list_not_supplied');
      for (const user of users) knownUser(call, user);
      const opened = existing
        ? { channel: existing, isNew: false }
        : openDm(call.simulation, call.team, [call.token.userId, ...users]);
      requireChannelScope(call.token, opened.channel, 'write');
      const full = call.args.flag('return_im');
      return {
        ...(opened.isNew ? {} : { no_op: true, already_open: true }),
        channel: full ? shown(call, opened.channel) : { id: opened.channel.id },
      };
    },
  },
  'conversations.join': {
    scopes: ['channels:join', 'channels:write'],
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      if (channel.kind !== 'channel') throw new SlackApiError('method_not_supported_for_channel_type');
      if (channel.isArchived) throw new SlackApiError('is_archived');
      const already = channel.members.has(call.token.userId);
      addMember(call.simulation, channel, call.token.userId);
      return { channel: shown(call, channel), ...(already ? { warning: 'already_in_channel' } : {}) };
    },
  },
  'conversations.leave': {
    scopes: writeScopes,
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      requireChannelScope(call.token, channel, 'write');
      if (!channel.members.has(call.token.userId)) return { not_in_channel: true };
      removeMember(call.simulation, channel, call.token.userId);
      return {};
    },
  },
  'conversations.invite': {
    scopes: writeScopes,
    tier: 3,
    run: (call) => {
      const channel = namedChannel(call);
      for (const userId of call.args.list('users')) {
        knownUser(call, userId);
        if (channel.members.has(userId)) throw new SlackApiError('already_in_channel');
        addMember(call.simulation, channel, userId, call.token.userId);
      }
      return { channel: shown(call, channel) };
    },
  },
  'conversations.kick': {
    scopes: writeScopes,
    tier: 3,
    run: (call) => {
      const channel = namedChannel(call);
      const userId = knownUser(call, call.args.required('user')).id;
      if (userId === call.token.userId) throw new SlackApiError('cant_kick_self');
      if (!channel.members.has(userId)) throw new SlackApiError('not_in_channel');
      removeMember(call.simulation, channel, userId);
      return {};
    },
  },
  'conversations.mark': {
    scopes: writeScopes,
    tier: 3,
    run: (call) => {
      const channel = joinedChannel(call);
      requireChannelScope(call.token, channel, 'write');
      const ts = call.args.required('ts');
      if (microsFromTs(ts) === undefined) throw new SlackApiError('invalid_timestamp');
      channel.lastRead.set(call.token.userId, ts);
      return {};
    },
  },
  'conversations.create': {
    scopes: ['channels:write', 'channels:manage', 'groups:write'],
    tier: 2,
    run: (call) => {
      const isPrivate = call.args.flag('is_private');
      requireScope(call.token, isPrivate ? ['groups:write'] : ['channels:write', 'channels:manage']);
      const name = call.args.optional('name');
      if (!name) throw new SlackApiError('invalid_name_required');
      const members = [call.token.userId];
      return {
        channel: shown(call, createChannel(call.simulation, call.team, { name, isPrivate, members })),
      };
    },
  },
  'conversations.rename': {
    scopes: writeScopes,
    tier: 2,
    run: (call) => {
      const channel = namedChannel(call);
      renameChannel(call.simulation, channel, call.token.userId, call.args.required('name'));
      return { channel: shown(call, channel) };
    },
  },
  'conversations.setTopic': {
    scopes: writeScopes,
    tier: 2,
    run: (call) => {
      const channel = namedChannel(call);
      setTopic(call.simulation, channel, call.token.userId, call.args.optional('topic') ?? '');
      return { channel: shown(call, channel) };
    },
  },
  'conversations.setPurpose': {
    scopes: writeScopes,
    tier: 2,
    run: (call) => {
      const channel = namedChannel(call);
      setPurpose(call.simulation, channel, call.token.userId, call.args.optional('purpose') ?? '');
      return { channel: shown(call, channel) };
    },
  },
};
