import type { NetworkClient } from '../network-client.ts';
import type { NetworkConnector } from '../network-connector.ts';
import type { RemoteMessage } from '../remote-event.ts';
import { asChatId, asLoginId, asMessageId, asRemoteUserId } from '../remote-ids.ts';

export const fakeChatId = asChatId('chat');
export const fakeLoginId = asLoginId('login');

/** A network of one chat, whose messages are lists of texts. Tests replace what a client does. */
export class FakeNetwork {
  readonly client: NetworkClient = {
    loginId: fakeLoginId,
    remoteUserId: asRemoteUserId('olive'),
    getChatInfo: async () => ({ kind: 'channel', name: 'general' }),
    getUserInfo: async (userId) => ({ name: userId }),
    convertMessage: async ({ raw }) => ({
      parts: (raw.texts as string[]).map((body, index) => ({
        part: String(index),
        type: 'm.room.message',
        content: { msgtype: 'm.text', body },
      })),
    }),
    convertEvent: async ({ content }) => [{ text: String(content.body) }],
    send: async (_part, { mark }) => ({ kind: 'sent', messageId: asMessageId(`post of ${mark}`) }),
    findSent: async () => ({ kind: 'absent' }),
  };
  readonly connector: NetworkConnector;

  /** @param id as the registration in the environment has it */
  constructor(id: string) {
    this.connector = {
      id,
      displayName: 'Network',
      url: 'https://network.test',
      capabilities: {
        version: 1,
        maxTextChars: 1000,
        maxFileBytes: 1000,
        relay: false,
        threads: true,
        replies: true,
        edits: true,
        deletes: true,
        reactions: true,
        typing: false,
        readReceipts: false,
        customEmoji: false,
        initialHistory: 0,
      },
      loginFlows: [],
      loadLogin: () => this.client,
      onLogin: async () => undefined,
      onLogout: async () => undefined,
    };
  }

  message(id: string, sender: string, ...texts: string[]): RemoteMessage {
    return {
      kind: 'message',
      chatId: fakeChatId,
      messageId: asMessageId(id),
      sender: { userId: asRemoteUserId(sender) },
      timestampMs: 1_700_000_000_000,
      raw: { texts },
    };
  }
}
