import type { App, Channel, ChannelKind, Team, Token, World } from './world.ts';

/** Who may see an event: the members of a channel, or everybody in the team with the scope. */
export type Audience =
  | { kind: 'channel'; channel: Channel; subscription: string; scope: string }
  | { kind: 'team'; subscription: string; scope: string | undefined }
  | { kind: 'user'; userId: string; subscription: string; scope: string | undefined };

const messageSubscription: Record<ChannelKind, string> = {
  channel: 'message.channels',
  group: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
};

const scopePrefix: Record<ChannelKind, string> = {
  channel: 'channels',
  group: 'groups',
  im: 'im',
  mpim: 'mpim',
};

/** `channels:history` and its twins for the other kinds of conversation. */
export function conversationScope(kind: ChannelKind, right: 'history' | 'read' | 'write'): string {
  return `${scopePrefix[kind]}:${right}`;
}

export function messageAudience(channel: Channel): Audience {
  return {
    kind: 'channel',
    channel,
    subscription: messageSubscription[channel.kind],
    scope: conversationScope(channel.kind, 'history'),
  };
}

export function channelAudience(channel: Channel, subscription: string, scope?: string): Audience {
  return { kind: 'channel', channel, subscription, scope: scope ?? conversationScope(channel.kind, 'read') };
}

export interface Recipient {
  app: App;
  /** The one installer that `authorizations` names; others who share the delivery are not named. */
  userId: string;
  isBot: boolean;
}

function sees(audience: Audience, userId: string, scopes: ReadonlySet<string>): boolean {
  if (audience.scope && !scopes.has(audience.scope)) return false;
  if (audience.kind === 'channel') return audience.channel.members.has(userId);
  return audience.kind === 'team' || audience.userId === userId;
}

/** The apps that get one delivery each: `user_events` for an installer who sees it, else `bot_events` for the bot. */
export function recipientsOf(world: World, team: Team, audience: Audience): Recipient[] {
  const recipients: Recipient[] = [];
  for (const app of world.apps.values()) {
    if (!app.eventsUrl) continue;
    const installer = app.userEvents.has(audience.subscription)
      ? app.installations.find(
          (entry) => entry.teamId === team.id && sees(audience, entry.userId, entry.userScopes),
        )
      : undefined;
    const bot = app.bots.get(team.id);
    if (installer) recipients.push({ app, userId: installer.userId, isBot: false });
    else if (bot && app.botEvents.has(audience.subscription) && sees(audience, bot.userId, bot.scopes)) {
      recipients.push({ app, userId: bot.userId, isBot: true });
    }
  }
  return recipients;
}

/** Whether the token's person may know of the conversation at all; if not, Slack says `channel_not_found`. */
export function mayKnow(token: Token, channel: Channel): boolean {
  return channel.teamId === token.teamId && (channel.kind === 'channel' || channel.members.has(token.userId));
}
