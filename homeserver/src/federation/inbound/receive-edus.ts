import type { ServerName, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { errorText, log } from '../../../../platform/log.ts';
import type { Stubs } from '../../objects/stubs.ts';
import type { ToDeviceMessage, ToldPresence } from '../../objects/user-sync-rpc.ts';
import { receiveDeviceNews } from './receive-device-news.ts';
import { receivePresence } from './receive-presence.ts';
import { receiveReceipts } from './receive-receipts.ts';
import { receiveToDevice } from './receive-to-device.ts';
import { receiveTyping } from './receive-typing.ts';

/** What EDUs come to in the rest of the server. */
export interface EduPorts {
  stubs: Stubs;
  /** Those of these that are users of this server. */
  existing(userIds: readonly UserId[]): Promise<UserId[]>;
  /** Puts messages into the inboxes of a local user's devices. */
  deliver(userId: UserId, messages: ToDeviceMessage[]): Promise<void>;
  /** Tells local users who share an encrypted room with this user that the user's devices or identity changed. */
  tellDeviceNews(userId: UserId): Promise<void>;
  /** Tells local users who share a room with these users of their presence, where that is wanted at all. */
  tellPresence(told: ToldPresence[]): Promise<void>;
}

type Receive = (ports: EduPorts, origin: ServerName, content: unknown) => Promise<void>;

const kinds: Record<string, Receive> = {
  'm.typing': receiveTyping,
  'm.receipt': receiveReceipts,
  'm.presence': receivePresence,
  'm.direct_to_device': receiveToDevice,
  'm.device_list_update': receiveDeviceNews,
  'm.signing_key_update': receiveDeviceNews,
};

/** Server-server API, "EDUs". What is malformed, or of users of other servers than the origin, is left out. */
export async function receiveEdus(
  ports: EduPorts,
  origin: ServerName,
  edus: readonly JsonObject[],
): Promise<void> {
  for (const { edu_type: type, content } of edus) {
    const receive = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    try {
      await receive?.(ports, origin, content);
    } catch (error) {
      log('warn', 'federation.edu_failed', {
        origin,
        type: String(type).slice(0, 100),
        error: errorText(error),
      });
    }
  }
}
