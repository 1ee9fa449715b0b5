import type { Simulation } from './discord-simulator.ts';
import type { User } from './world.ts';

/** A person (or a bot's account) by its id; what they do is on the simulator (`postAs`, …). */
export class DiscordUser {
  readonly id: string;
  readonly #simulation: Simulation;
  readonly #user: User;

  constructor(simulation: Simulation, user: User) {
    this.#simulation = simulation;
    this.#user = user;
    this.id = user.id;
  }

  get username(): string {
    return this.#user.username;
  }

  get globalName(): string | null {
    return this.#user.globalName;
  }

  /** A new display name or picture. Bots without the member intent learn of it with the next message. */
  setProfile(profile: { globalName?: string; newAvatar?: true }): void {
    if (profile.globalName) this.#user.globalName = profile.globalName;
    if (profile.newAvatar) this.#user.avatar = this.#simulation.world.ids.hex(32);
  }
}

export function createUser(
  simulation: Simulation,
  options: { username: string; globalName?: string; avatar?: boolean },
): DiscordUser {
  const { world } = simulation;
  const user: User = {
    id: world.snowflakes.next(),
    username: options.username,
    globalName: options.globalName ?? null,
    avatar: options.avatar ? world.ids.hex(32) : null,
    isBot: false,
  };
  world.users.set(user.id, user);
  return new DiscordUser(simulation, user);
}
