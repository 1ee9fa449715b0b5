import type { WebApiMethod } from '../web-api-call.ts';
import { authMethods } from './auth.ts';
import { chatMethods } from './chat.ts';
import { conversationHistoryMethods } from './conversation-history.ts';
import { conversationWriteMethods } from './conversation-writes.ts';
import { conversationMethods } from './conversations.ts';
import { emojiMethods } from './emoji.ts';
import { fileMethods } from './files.ts';
import { reactionMethods } from './reactions.ts';
import { teamMethods } from './team.ts';
import { userMethods } from './users.ts';

/** Every method that wants a token. `oauth.v2.access` has none yet and is routed apart. */
export const webApiMethods: Readonly<Record<string, WebApiMethod>> = {
  ...authMethods,
  ...teamMethods,
  ...userMethods,
  ...conversationMethods,
  ...conversationHistoryMethods,
  ...conversationWriteMethods,
  ...chatMethods,
  ...reactionMethods,
  ...emojiMethods,
  ...fileMethods,
};
