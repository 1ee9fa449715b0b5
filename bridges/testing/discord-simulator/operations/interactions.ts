import { checkInteractionAnswer } from '../../spec-validation/discord-rest.ts';
import type { DiscordBot } from '../discord-bot.ts';
import type { DiscordChannel } from '../discord-channel.ts';
import type { Simulation } from '../discord-simulator.ts';
import type { DiscordUser } from '../discord-user.ts';
import { permissionsIn } from '../permissions.ts';
import { renderChannel } from '../render/render-channel.ts';
import { renderMessage } from '../render/render-message.ts';
import { renderMember, renderUser } from '../render/render-user.ts';
import type { Application, Interaction } from '../world.ts';
import { answerInteraction } from './interaction-answers.ts';

export interface InteractionRequest {
  bot: DiscordBot;
  user: DiscordUser;
  channel: DiscordChannel;
  /**
   * `ping` is Discord's own check of the URL. A slash command has options; a message command has the message it was
   * used on; a component has its custom id and the message that shows it.
   */
  what:
    | { kind: 'ping' }
    | { kind: 'slash'; name: string; options?: unknown[] }
    | { kind: 'message'; name: string; messageId: string }
    | { kind: 'component'; customId: string; messageId: string };
  /** Where to send it; else the application's interactions URL, else the gateway. */
  url?: string;
  /** A wrong signature, which must be refused with 401; Discord tests this now and then. */
  badSignature?: boolean;
}

export interface InteractionResult {
  interactionId: string;
  /** Of the HTTP answer; undefined over the gateway or when nothing answered within 3 s. */
  status: number | undefined;
  /** The answer's body, when it was JSON. */
  response: Record<string, unknown> | undefined;
}

const answerTimeoutMs = 3000;

function dataOf(simulation: Simulation, request: InteractionRequest): Record<string, unknown> {
  const { world } = simulation;
  const { what } = request;
  const commandId = (name: string) => request.bot.commands.find((command) => command.name === name)?.id;
  switch (what.kind) {
    case 'ping':
      return {};
    case 'slash':
      return {
        data: { id: commandId(what.name), name: what.name, type: 1, options: what.options ?? [] },
      };
    case 'message': {
      const message = world.channels.get(request.channel.id)?.messages.get(what.messageId);
      const resolved = message ? { messages: { [message.id]: renderMessage(world, message) } } : {};
      return {
        data: { id: commandId(what.name), name: what.name, type: 3, target_id: what.messageId, resolved },
      };
    }
    case 'component': {
      const message = world.channels.get(request.channel.id)?.messages.get(what.messageId);
      return {
        data: { custom_id: what.customId, component_type: 2 },
        ...(message ? { message: renderMessage(world, message) } : {}),
      };
    }
    default:
      return what satisfies never;
  }
}

const typeOf = { ping: 1, slash: 2, message: 2, component: 3 } as const;

function render(
  simulation: Simulation,
  request: InteractionRequest,
  interaction: Interaction,
): Record<string, unknown> {
  const { world } = simulation;
  const common = {
    id: interaction.id,
    application_id: interaction.applicationId,
    type: typeOf[request.what.kind],
    token: interaction.token,
    version: 1,
  };
  const user = world.users.get(request.user.id);
  if (request.what.kind === 'ping' || !user) return { ...common, user: user ? renderUser(user) : undefined };
  const channel = world.channels.get(request.channel.id);
  const member = world.guilds.get(channel?.guildId ?? '')?.members.get(user.id);
  return {
    ...common,
    ...dataOf(simulation, request),
    ...(channel
      ? {
          channel_id: channel.id,
          channel: renderChannel(world, channel),
          app_permissions: permissionsIn(world, channel, request.bot.userId).toString(),
        }
      : {}),
    ...(channel && member
      ? {
          guild_id: channel.guildId,
          guild: { id: channel.guildId, locale: 'en-US', features: [] },
          guild_locale: 'en-US',
          member: {
            ...renderMember(world, member),
            permissions: permissionsIn(world, channel, user.id).toString(),
          },
        }
      : { user: renderUser(user) }),
    locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: channel?.guildId ? { '0': channel.guildId } : { '1': user.id },
    context: channel?.guildId ? 0 : 1,
    attachment_size_limit: 10_485_760,
  };
}

async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; response: Record<string, unknown> | undefined }> {
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Discord-Interactions/1.0', ...headers },
      body,
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const text = await reply.text();
    const isJson = (reply.headers.get('content-type') ?? '').includes('json') && text !== '';
    return {
      status: reply.status,
      response: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined,
    };
  } catch {
    return { status: undefined, response: undefined };
  }
}

function newInteraction(
  simulation: Simulation,
  request: InteractionRequest,
  application: Application,
): Interaction {
  const { world } = simulation;
  const interaction: Interaction = {
    id: world.snowflakes.next(),
    token: world.ids.base64url(80),
    applicationId: application.id,
    channelId: request.channel.id,
    userId: request.user.id,
    createdMs: world.clock.nowMs(),
    response: undefined,
  };
  world.interactions.set(interaction.id, interaction);
  return interaction;
}

/** Sends an interaction signed with the application's key, or dispatches it when the application has no URL. */
export async function sendInteraction(
  simulation: Simulation,
  request: InteractionRequest,
): Promise<InteractionResult> {
  const application = simulation.world.applications.get(request.bot.applicationId);
  if (!application) throw new Error(`no application ${request.bot.applicationId}`);
  const interaction = newInteraction(simulation, request, application);
  const rendered = render(simulation, request, interaction);
  const url = request.url ?? application.interactionsUrl;
  if (!url) {
    simulation.gateway.dispatchTo(application.id, 'INTERACTION_CREATE', rendered);
    return { interactionId: interaction.id, status: undefined, response: undefined };
  }
  const body = JSON.stringify(rendered);
  const headers = request.bot.sign(request.badSignature ? `${body} ` : body);
  const { status, response } = await post(url, body, headers);
  if (response) {
    checkInteractionAnswer(simulation.violations, response);
    answerInteraction(simulation, interaction, response);
  }
  return { interactionId: interaction.id, status, response };
}
