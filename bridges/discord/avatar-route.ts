import { createHmac } from 'node:crypto';
import { parseMxcUri } from '../../matrix/identifiers.ts';
import { errorText, log } from '../../platform/log.ts';
import { sameSecret } from '../../platform/same-secret.ts';
import type { BridgeConfig } from '../core/config.ts';

/**
 * Pictures of Matrix users for Discord, which shows them beside their posts and cannot log in to get them.
 * Only what we signed is served, so that this is no way into all media.
 */
const routePattern =
  /^\/_bridge\/discord\/avatars\/([A-Za-z0-9.-]+(?:%3A[0-9]+)?)\/([^/]+)\/([A-Za-z0-9_-]{43})$/;
const imageTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** @returns nothing if it is no content URI */
export function avatarPath(key: string, mxc: string): string | undefined {
  const content = parseMxcUri(mxc);
  if (!content) return undefined;
  const { serverName, mediaId } = content;
  return `/_bridge/discord/avatars/${encodeURIComponent(serverName)}/${mediaId}/${sign(key, mxc)}`;
}

/** @returns nothing if the request is for something else */
export async function serveAvatar(
  config: BridgeConfig,
  key: string,
  request: Request,
): Promise<Response | undefined> {
  const [, serverName, mediaId, signature] = routePattern.exec(new URL(request.url).pathname) ?? [];
  if (!serverName || !mediaId || !signature) return undefined;
  const mxc = `mxc://${serverName.replace('%3A', ':')}/${mediaId}`;
  if (request.method !== 'GET' || !parseMxcUri(mxc) || !sameSecret(sign(key, mxc), signature))
    return missing();
  try {
    const media = await config.matrix.getContentAuthed(mxc);
    const type = media.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    if (!imageTypes.has(type)) {
      await media.body?.cancel();
      return missing();
    }
    return new Response(media.body, {
      headers: {
        'content-type': type,
        'cache-control': 'public, max-age=86400',
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
      },
    });
  } catch (error) {
    log('warn', 'discord.avatar_failed', { error: errorText(error) });
    return missing();
  }
}

function sign(key: string, mxc: string): string {
  return createHmac('sha256', `discord avatars ${key}`).update(mxc).digest('base64url');
}

function missing(): Response {
  return Response.json({ errcode: 'M_NOT_FOUND', error: 'No such picture' }, { status: 404 });
}
