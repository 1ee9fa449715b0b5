/**
 * Identifiers of a network, opaque to the core: strings that only the network's own `*-ids.ts` makes and
 * reads. Each is unique within its network, in whatever scope its docstring names.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A conversation, or a group of them (a workspace, a server, a category). At most 200 characters. */
export type RemoteChatId = Branded<'RemoteChatId'>;
/** A message, unique in the network (so it may have to contain the chat's id). */
export type RemoteMessageId = Branded<'RemoteMessageId'>;
/**
 * A user as messages name it. Ghosts are named by it in lower case, so ids must differ when lower-cased and
 * consist of `A-Z a-z 0-9 . _ = - / +`. At most 120 characters.
 */
export type RemoteUserId = Branded<'RemoteUserId'>;
/** A login: one account of the network that somebody connected here. */
export type LoginId = Branded<'LoginId'>;
/** One of the Matrix events that a remote message becomes, unique in its message; `''` is the only or main one. */
export type PartId = string;

/** For the id makers of a network, and for what comes out of storage. */
export const asChatId = (text: string) => text as RemoteChatId;
export const asMessageId = (text: string) => text as RemoteMessageId;
export const asRemoteUserId = (text: string) => text as RemoteUserId;
export const asLoginId = (text: string) => text as LoginId;
