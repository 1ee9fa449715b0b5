import { addMember, createChannel, openDm } from './operations/channels.ts';
import { deleteFile } from './operations/files.ts';
import { renderTeam } from './render/render-user.ts';
import { defaultUserEvents } from './scopes.ts';
import { SlackApp } from './slack-app.ts';
import { SlackChannel } from './slack-channel.ts';
import type { Simulation } from './slack-simulator.ts';
import { createUser, SlackUser } from './slack-user.ts';
import { currentTs } from './timestamps.ts';
import { type App, nowS, type Team, type Usergroup } from './world.ts';

/** A workspace, and the door through which a test makes things happen in it. */
export class SlackTeam {
  readonly id: string;
  readonly #simulation: Simulation;
  readonly #team: Team;

  private constructor(simulation: Simulation, team: Team) {
    this.#simulation = simulation;
    this.#team = team;
    this.id = team.id;
  }

  static create(simulation: Simulation, options: { name: string; domain: string }): SlackTeam {
    const team: Team = {
      id: simulation.world.ids.base36('T', 9),
      name: options.name,
      domain: options.domain,
      users: new Map(),
      channels: new Map(),
      files: new Map(),
      emoji: new Map(),
      usergroups: new Map(),
    };
    simulation.world.teams.set(team.id, team);
    return new SlackTeam(simulation, team);
  }

  get name(): string {
    return this.#team.name;
  }

  createUser(user: { name: string; realName: string; displayName?: string }): SlackUser {
    return new SlackUser(this.#simulation, this.#team, createUser(this.#simulation, this.#team, user));
  }

  /** The first member is the creator. */
  createChannel(channel: { name: string; isPrivate?: boolean; members: SlackUser[] }): SlackChannel {
    const created = createChannel(this.#simulation, this.#team, {
      name: channel.name,
      isPrivate: channel.isPrivate ?? false,
      members: channel.members.map((member) => member.id),
    });
    return new SlackChannel(this.#simulation, this.#team, created);
  }

  /** A direct message of two people, or a group of more; the same people always get the same one. */
  openDm(users: SlackUser[]): SlackChannel {
    const ids = users.map((user) => user.id);
    return new SlackChannel(this.#simulation, this.#team, openDm(this.#simulation, this.#team, ids).channel);
  }

  /** The handle of a conversation that came about through the Web API. */
  channel(channelId: string): SlackChannel {
    const channel = this.#team.channels.get(channelId);
    if (!channel) throw new Error(`no channel ${channelId}`);
    return new SlackChannel(this.#simulation, this.#team, channel);
  }

  /** An internal app of this workspace. `setEventsUrl` proves the URL by a challenge; `eventsUrl` here does not. */
  createApp(
    options: {
      name?: string;
      eventsUrl?: string;
      signingSecret?: string;
      userEvents?: readonly string[];
      botEvents?: readonly string[];
      /** Token rotation is the maker's choice, and cannot be undone. */
      rotatesTokens?: boolean;
    } = {},
  ): SlackApp {
    const { ids, apps } = this.#simulation.world;
    const app: App = {
      id: ids.base36('A', 10),
      name: options.name ?? 'Roost',
      clientId: `${ids.digits(12)}.${ids.digits(13)}`,
      clientSecret: ids.hex(32),
      signingSecret: options.signingSecret ?? ids.hex(32),
      verificationToken: ids.base64url(24),
      eventsUrl: options.eventsUrl,
      userEvents: new Set(options.userEvents ?? defaultUserEvents),
      botEvents: new Set(options.botEvents ?? []),
      bots: new Map(),
      installations: [],
      rotatesTokens: options.rotatesTokens ?? false,
    };
    apps.set(app.id, app);
    return new SlackApp(this.#simulation, this.#team, app);
  }

  /** A custom emoji; `target` may be `alias:other`. Without it, an image on this machine. */
  addEmoji(name: string, target?: string): void {
    const url = target ?? `${this.#simulation.world.origin}/emoji/${this.id}/${name}.png`;
    this.#team.emoji.set(name, url);
    this.#simulation.deliveries.emit(
      this.#team,
      {
        type: 'emoji_changed',
        subtype: 'add',
        name,
        value: url,
        event_ts: currentTs(this.#simulation.world),
      },
      { kind: 'team', subscription: 'emoji_changed', scope: 'emoji:read' },
    );
  }

  createUsergroup(group: { handle: string; name: string; users: SlackUser[] }): { id: string } {
    const usergroup: Usergroup = {
      id: this.#simulation.world.ids.base36('S', 10),
      teamId: this.id,
      handle: group.handle,
      name: group.name,
      users: group.users.map((user) => user.id),
      createdS: nowS(this.#simulation.world),
      creator: group.users[0]?.id ?? 'USLACKBOT',
    };
    this.#team.usergroups.set(usergroup.id, usergroup);
    return { id: usergroup.id };
  }

  rename(name: string): void {
    this.#team.name = name;
    this.#simulation.deliveries.emit(
      this.#team,
      { type: 'team_rename', name, event_ts: currentTs(this.#simulation.world) },
      { kind: 'team', subscription: 'team_rename', scope: 'team:read' },
    );
  }

  /** Messages older than this can no longer be edited (a workspace setting). */
  setEditWindow(seconds: number): void {
    this.#team.editWindowS = seconds;
  }

  /** A file as the workspace keeps it; the setters make it behave as Slack's files sometimes do. */
  file(fileId: string): {
    bytes: Buffer;
    /** Downloads answer with an HTML page until this is false again. */
    setNotReady: (notReady: boolean) => void;
    /** As of another organization (Slack Connect): messages show only its id, `files.info` the rest. */
    setConnect: () => void;
    delete: () => void;
  } {
    const file = this.#team.files.get(fileId);
    if (!file) throw new Error(`no file ${fileId}`);
    return {
      bytes: file.bytes,
      setNotReady: (notReady) => {
        file.servesHtml = notReady;
      },
      setConnect: () => {
        file.access = 'check_file_info';
      },
      delete: () => deleteFile(this.#simulation, this.#team, file),
    };
  }

  addMember(channel: SlackChannel, user: SlackUser, inviter?: SlackUser): void {
    const record = this.#team.channels.get(channel.id);
    if (record) addMember(this.#simulation, record, user.id, inviter?.id);
  }

  /** The workspace as `team.info` shows it. */
  get info(): Record<string, unknown> {
    return renderTeam(this.#simulation.world, this.#team);
  }
}
