import type { Bridge } from '../../core/bridge.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { gatewayOf } from '../gateway/gateway-stub.ts';
import { stopReason } from '../gateway/stop-reasons.ts';
import { channelChat, type Snowflake } from '../snowflake.ts';

export async function statusText(
  { env, portals }: Bridge<DiscordEnv>,
  applicationId: Snowflake,
  channelId: Snowflake | undefined,
): Promise<string> {
  const status = await gatewayOf(env, applicationId).status();
  const portal = channelId && (await portals.byChat(channelChat(channelId)));
  const { stopCode, connection, channels, guilds, behind } = status;
  return [
    portal ? `This channel is bridged to the Matrix room ${portal.roomId}.` : 'This channel is not bridged.',
    stopCode === undefined ? `Connection: ${connection}.` : `Stopped: ${stopReason(stopCode)}.`,
    `${channels} channels in ${guilds} servers${behind > 0 ? `; catching up with ${behind}` : ''}.`,
  ].join('\n');
}
