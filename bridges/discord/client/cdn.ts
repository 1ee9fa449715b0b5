import { safeFetch } from '../../../platform/safe-fetch.ts';
import type { MediaUpload } from '../../core/network-client.ts';
import { toldSize } from '../../core/told-size.ts';
import type { DiscordEnv } from '../discord-env.ts';
import type { Snowflake } from '../snowflake.ts';

const timeoutMs = 25_000;
const discordHosts = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

export function avatarUrl(env: DiscordEnv, userId: Snowflake, hash: string): string {
  return `${env.DISCORD_CDN_URL}/avatars/${userId}/${hash}.png?size=256`;
}

export function iconUrl(env: DiscordEnv, guildId: Snowflake, hash: string): string {
  return `${env.DISCORD_CDN_URL}/icons/${guildId}/${hash}.png?size=256`;
}

/** @param format 1 and 2 are PNG (the second animated), 4 is GIF */
export function stickerUrl(env: DiscordEnv, stickerId: Snowflake, format: number): string {
  return `${env.DISCORD_CDN_URL}/stickers/${stickerId}.${format === 4 ? 'gif' : 'png'}`;
}

/**
 * Fetches from Discord's CDN, and from nowhere else: addresses come with messages. The CDN refuses some
 * files to Cloudflare's Workers (cloudflare/workers-sdk#4651), so that callers need another way to show them.
 * @throws Error if it cannot be had
 */
export async function fetchFromCdn(
  env: DiscordEnv,
  address: string,
  { maxBytes, fileName, contentType }: { maxBytes: number; fileName?: string; contentType?: string },
): Promise<MediaUpload> {
  const ownHost = new URL(env.DISCORD_CDN_URL).host;
  const host = URL.canParse(address) ? new URL(address).host : '';
  if (!discordHosts.has(host) && host !== ownHost) throw new Error('not a file of Discord');
  const allowedHosts = [new URL(env.DISCORD_CDN_URL).hostname];
  const response = await safeFetch(address, { timeoutMs, maxBytes, maxRedirects: 0, allowedHosts });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`file: status ${response.status}`);
  }
  return {
    body: response.body as ReadableStream<Uint8Array>,
    ...toldSize(response),
    contentType: contentType ?? response.headers.get('content-type') ?? 'application/octet-stream',
    ...(fileName === undefined ? {} : { fileName }),
  };
}
