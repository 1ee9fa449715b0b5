import { addMember, removeMember, renameChannel, setPurpose, setTopic } from './operations/channels.ts';
import { shareFiles, storeFile } from './operations/files.ts';
import { deleteMessage, editMessage, type NewMessage, postMessage } from './operations/messages.ts';
import { addReaction, removeReaction } from './operations/reactions.ts';
import { renderUser } from './render/render-user.ts';
import { defaultUserScopes } from './scopes.ts';
import type { SlackChannel } from './slack-channel.ts';
import type { Simulation } from './slack-simulator.ts';
import { currentTs } from './timestamps.ts';
import { type Channel, channelOf, nowS, type Team, type Token, type User } from './world.ts';

export function createUser(
  simulation: Simulation,
  team: Team,
  options: { name: string; realName: string; displayName?: string },
): User {
  const user: User = {
    id: simulation.world.ids.base36('U', 10),
    teamId: team.id,
    name: options.name,
    realName: options.realName,
    displayName: options.displayName ?? options.name,
    isBot: false,
    deleted: false,
    updatedS: nowS(simulation.world),
    avatarHash: `g${simulation.world.ids.hex(11)}`,
  };
  team.users.set(user.id, user);
  simulation.deliveries.emit(
    team,
    { type: 'team_join', user: renderUser(simulation.world, user), event_ts: currentTs(simulation.world) },
    { kind: 'team', subscription: 'team_join', scope: 'users:read' },
  );
  return user;
}

/** What a person types in their own Slack client: no app is behind it. */
export interface TypedMessage {
  threadTs?: string;
  broadcast?: boolean;
  blocks?: unknown[];
  attachments?: unknown[];
  files?: { name: string; bytes: Buffer; title?: string }[];
}

/** A person who acts by their own Slack client: every method does at once what the person did. */
export class SlackUser {
  readonly id: string;
  /**
   * A token as the person's own Slack client holds it, for `new WebClient(personalToken, { slackApiUrl })`. What is
   * done with it carries no app id.
   */
  readonly personalToken: string;
  readonly #simulation: Simulation;
  readonly #team: Team;
  readonly #user: User;
  readonly #token: Token;

  constructor(simulation: Simulation, team: Team, user: User) {
    this.#simulation = simulation;
    this.#team = team;
    this.#user = user;
    this.id = user.id;
    this.personalToken = `xoxp-${simulation.world.ids.digits(11)}-${simulation.world.ids.hex(32)}`;
    this.#token = {
      value: this.personalToken,
      teamId: team.id,
      userId: user.id,
      scopes: new Set(defaultUserScopes),
      kind: 'personal',
    };
    simulation.world.tokens.set(this.personalToken, this.#token);
  }

  get name(): string {
    return this.#user.name;
  }

  #channel(channel: SlackChannel): Channel {
    return channelOf(this.#team, channel.id);
  }

  /** Posts as typed, mrkdwn included. @returns the timestamp. */
  post(channel: SlackChannel, text: string, typed: TypedMessage = {}): string {
    const content: NewMessage = {
      text,
      ...(typed.threadTs ? { threadTs: typed.threadTs } : {}),
      ...(typed.broadcast ? { broadcast: true } : {}),
      ...(typed.blocks ? { blocks: typed.blocks } : {}),
      ...(typed.attachments ? { attachments: typed.attachments } : {}),
    };
    const record = this.#channel(channel);
    if (!typed.files) return postMessage(this.#simulation, this.#token, record, content).ts;
    const files = typed.files.map((file) =>
      storeFile(this.#simulation, this.#team, { ...file, userId: this.id }),
    );
    shareFiles(this.#simulation, this.#team, this.#token, record, files, content);
    return files[0]?.shares.at(-1)?.ts ?? '';
  }

  edit(channel: SlackChannel, ts: string, text: string): void {
    editMessage(this.#simulation, this.#token, this.#channel(channel), ts, { text });
  }

  delete(channel: SlackChannel, ts: string): void {
    deleteMessage(this.#simulation, this.#token, this.#channel(channel), ts);
  }

  /** `name` is the shortcode without colons. */
  react(channel: SlackChannel, ts: string, name: string): void {
    addReaction(this.#simulation, this.#token, this.#channel(channel), ts, name);
  }

  unreact(channel: SlackChannel, ts: string, name: string): void {
    removeReaction(this.#simulation, this.#token, this.#channel(channel), ts, name);
  }

  join(channel: SlackChannel): void {
    addMember(this.#simulation, this.#channel(channel), this.id);
  }

  leave(channel: SlackChannel): void {
    removeMember(this.#simulation, this.#channel(channel), this.id);
  }

  setTopic(channel: SlackChannel, topic: string): void {
    setTopic(this.#simulation, this.#channel(channel), this.id, topic);
  }

  setPurpose(channel: SlackChannel, purpose: string): void {
    setPurpose(this.#simulation, this.#channel(channel), this.id, purpose);
  }

  renameChannel(channel: SlackChannel, name: string): void {
    renameChannel(this.#simulation, this.#channel(channel), this.id, name);
  }

  /** Reads a conversation up to a message; Slack tells no app of it. */
  markRead(channel: SlackChannel, ts: string): void {
    this.#channel(channel).lastRead.set(this.id, ts);
  }

  lastRead(channel: SlackChannel): string | undefined {
    return this.#channel(channel).lastRead.get(this.id);
  }

  setProfile(profile: { realName?: string; displayName?: string; newAvatar?: true }): void {
    if (profile.realName) this.#user.realName = profile.realName;
    if (profile.displayName) this.#user.displayName = profile.displayName;
    if (profile.newAvatar) this.#user.avatarHash = this.#simulation.world.ids.hex(12);
    this.#user.updatedS = nowS(this.#simulation.world);
    const user = renderUser(this.#simulation.world, this.#user);
    this.#simulation.deliveries.emit(
      this.#team,
      { type: 'user_change', user, event_ts: currentTs(this.#simulation.world) },
      { kind: 'team', subscription: 'user_change', scope: 'users:read' },
    );
  }
}
