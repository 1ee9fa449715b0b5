import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  PermissionFlagsBits,
} from 'discord-api-types/v10';
import * as v from 'valibot';
import { readLimitedBody } from '../../../platform/limited-body.ts';
import type { Bridge } from '../../core/bridge.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { readCredentials } from '../login/credentials.ts';
import { snowflakeSchema } from '../rest/answers.ts';
import { parseSnowflake } from '../snowflake.ts';
import { statusText } from './status-text.ts';

const maxBodyBytes = 256 * 1024;
/** Older than this is a replay. Discord's clock and ours may differ a little. */
const maxAgeS = 300;

const interactionSchema = v.object({
  type: v.number(),
  application_id: snowflakeSchema,
  channel_id: v.optional(snowflakeSchema),
  member: v.optional(v.looseObject({ permissions: v.pipe(v.string(), v.regex(/^[0-9]{1,30}$/)) })),
  data: v.optional(
    v.looseObject({
      name: v.string(),
      options: v.optional(v.array(v.looseObject({ name: v.string() })), []),
    }),
  ),
});

/**
 * Documentation, "Receiving and Responding to Interactions": Discord signs timestamp and body, and checks from
 * time to time that a wrong signature is refused with 401.
 */
export async function receiveInteraction(
  bridge: Bridge<DiscordEnv>,
  request: Request,
  applicationId: string,
  nowMs: number,
): Promise<Response> {
  if (request.method !== 'POST') return problem(405, 'M_UNRECOGNIZED', 'Only POST');
  const body = await readLimitedBody(request, maxBodyBytes);
  if (!body) return problem(413, 'M_TOO_LARGE', 'The interaction is too large');
  const id = parseSnowflake(applicationId);
  const login = id && (await bridge.logins.get(asLoginId(id)));
  if (!login || !isSigned(request, body, readCredentials(login).publicKey, nowMs)) {
    return problem(401, 'M_UNAUTHORIZED', 'Invalid request signature');
  }
  const interaction = v.safeParse(v.pipe(v.string(), v.parseJson(), interactionSchema), body.toString());
  if (!interaction.success) return problem(400, 'M_BAD_JSON', 'Not an interaction');
  if (interaction.output.application_id !== id) {
    return problem(401, 'M_UNAUTHORIZED', 'Of another application');
  }
  return Response.json(await answer(bridge, interaction.output));
}

type Interaction = v.InferOutput<typeof interactionSchema>;

async function answer(bridge: Bridge<DiscordEnv>, interaction: Interaction) {
  if (interaction.type === InteractionType.Ping) return { type: InteractionResponseType.Pong };
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      content: await answerText(bridge, interaction),
      flags: MessageFlags.Ephemeral,
      allowed_mentions: { parse: [] },
    },
  };
}

/** Rooms are told of only to those who could bridge channels themselves. */
async function answerText(bridge: Bridge<DiscordEnv>, interaction: Interaction): Promise<string> {
  const { type, application_id: applicationId, channel_id: channelId, member, data } = interaction;
  const isStatus = type === InteractionType.ApplicationCommand && data?.options[0]?.name === 'status';
  if (!isStatus) return 'This is not known here.';
  const needed = PermissionFlagsBits.ManageWebhooks | PermissionFlagsBits.Administrator;
  const isAllowed = (BigInt(member?.permissions ?? 0) & needed) !== 0n;
  return isAllowed
    ? statusText(bridge, applicationId, channelId)
    : 'This is for those who may manage webhooks in this channel.';
}

function isSigned({ headers }: Request, body: Buffer, publicKey: string, nowMs: number): boolean {
  const signature = headers.get('x-signature-ed25519') ?? '';
  const timestamp = headers.get('x-signature-timestamp') ?? '';
  if (!/^[0-9a-f]{128}$/i.test(signature) || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > maxAgeS) return false;
  const signed = Buffer.concat([Buffer.from(timestamp), body]);
  return verify(null, signed, ed25519Key(publicKey), Buffer.from(signature, 'hex'));
}

function ed25519Key(hex: string): KeyObject {
  const x = Buffer.from(hex, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function problem(status: number, errcode: string, error: string): Response {
  return Response.json({ errcode, error }, { status });
}
