import type { ClientEvent } from '../../../../matrix/events.ts';
import type { MxcUri, UserId } from '../../../../matrix/identifiers.ts';
import type { MatrixSender } from '../../network-client.ts';
import type { OpenLogin } from '../login-cache.ts';
import type { PortalContext } from '../portal-context.ts';

export interface Speaker {
  open: OpenLogin;
  sender: MatrixSender;
}

/**
 * Through which login an event goes out: the sender's own, else one that relays for others, if the network
 * knows such. Nobody ever speaks through another person's account.
 */
export async function pickLogin(portal: PortalContext, event: ClientEvent): Promise<Speaker | undefined> {
  const logins = await portal.logins.ofChat();
  const own = logins.find(({ login }) => login.userId === event.sender && login.remoteUserId !== undefined);
  const relay = portal.bridge.connector.capabilities.relay
    ? logins.find(({ login }) => login.remoteUserId === undefined)
    : undefined;
  const open = own ?? relay;
  if (!open) return undefined;
  return { open, sender: await senderOf(portal, event.sender, own !== undefined) };
}

async function senderOf(portal: PortalContext, userId: UserId, isLoginOwner: boolean): Promise<MatrixSender> {
  // Whoever speaks for themselves needs no name tag.
  if (isLoginOwner) return { userId, isLoginOwner, displayName: userId };
  const profile = await portal.bridge.config.matrix.getUserProfile(userId).catch(() => undefined);
  return {
    userId,
    isLoginOwner,
    displayName: profile?.displayname || userId,
    ...(profile?.avatar_url ? { avatarUrl: profile.avatar_url as MxcUri } : {}),
  };
}
