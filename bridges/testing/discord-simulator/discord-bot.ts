import { sign } from 'node:crypto';
import type { Simulation } from './discord-simulator.ts';
import { type Application, newKeyPair } from './world.ts';

const privilegedBits = { guildPresences: 1 << 8, guildMembers: 1 << 1, messageContent: 1 << 15 } as const;

/** A bot application, as its maker sees it in the developer portal. */
export class DiscordBot {
  readonly applicationId: string;
  readonly userId: string;
  readonly token: string;
  /** Ed25519, in hexadecimal, as the portal shows it. */
  readonly publicKey: string;
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #application: Application;

  constructor(simulation: Simulation, application: Application) {
    this.#simulation = simulation;
    this.#application = application;
    this.applicationId = application.id;
    this.userId = application.botUserId;
    this.token = application.token;
    this.publicKey = application.publicKeyHex;
    this.name = application.name;
  }

  /** The headers that Discord sends with an interaction, for a raw body. */
  sign(body: string): { 'x-signature-ed25519': string; 'x-signature-timestamp': string } {
    const timestamp = String(Math.floor(this.#simulation.world.clock.nowMs() / 1000));
    const signature = sign(null, Buffer.from(timestamp + body), this.#application.privateKey);
    return { 'x-signature-ed25519': signature.toString('hex'), 'x-signature-timestamp': timestamp };
  }

  /** Where interactions are sent; null sends them by the gateway. */
  setInteractionsUrl(url: string | null): void {
    this.#application.interactionsUrl = url;
  }

  /** The maker switches a privileged intent in the portal; an IDENTIFY with one switched off is closed with 4014. */
  setPrivilegedIntents(names: (keyof typeof privilegedBits)[]): void {
    this.#application.privilegedIntents = names.reduce((bits, name) => bits | privilegedBits[name], 0);
  }

  /** What `commands put` left. */
  get commands(): readonly Record<string, unknown>[] {
    return this.#application.commands;
  }

  get identifiesLeft(): number {
    return this.#application.identifiesLeft;
  }

  setIdentifiesLeft(count: number): void {
    this.#application.identifiesLeft = count;
  }
}

export function createBotApplication(
  simulation: Simulation,
  options: {
    name?: string;
    privilegedIntents?: (keyof typeof privilegedBits)[];
    interactionsUrl?: string;
  },
): DiscordBot {
  const { world } = simulation;
  const name = options.name ?? 'Roost';
  // The bot's account has the application's id, as for every application made today.
  const id = world.snowflakes.next();
  const ownerId = world.snowflakes.next();
  world.users.set(id, { id, username: name, globalName: null, avatar: null, isBot: true });
  world.users.set(ownerId, {
    id: ownerId,
    username: 'maker',
    globalName: 'Maker',
    avatar: null,
    isBot: false,
  });
  const { publicKeyHex, privateKey } = newKeyPair();
  const application: Application = {
    id,
    name,
    botUserId: id,
    ownerId,
    token: `${Buffer.from(id).toString('base64url')}.${world.ids.base64url(6)}.${world.ids.base64url(38)}`,
    publicKeyHex,
    privateKey,
    privilegedIntents: 0,
    interactionsUrl: options.interactionsUrl ?? null,
    commands: [],
    identifiesLeft: 1000,
  };
  world.applications.set(id, application);
  const bot = new DiscordBot(simulation, application);
  bot.setPrivilegedIntents(options.privilegedIntents ?? ['guildMembers', 'guildPresences', 'messageContent']);
  return bot;
}
