import type { RemoteEvent } from '../../core/remote-event.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import type { Snowflake } from '../snowflake.ts';
import type { GatewayStore } from './storage/gateway-store.ts';
import type { GatewayOwner } from './storage/session.ts';

/** What a dispatch leads to beyond the tables. Forgetting it is safe only when the sequence number is not kept. */
export interface DispatchEffects {
  deliveries: { chatId: RemoteChatId; event: RemoteEvent }[];
  /** The newest message that will have been delivered, by channel. */
  seen: { channelId: Snowflake; messageId: Snowflake }[];
  /** Channels that are no more, once their portals know. */
  forgotten: Snowflake[];
  /** Rooms have to be brought into line. */
  resync: boolean;
}

export const noEffects: DispatchEffects = { deliveries: [], seen: [], forgotten: [], resync: false };

export interface DispatchContext {
  store: GatewayStore;
  owner: GatewayOwner;
  nowMs: number;
  /** Names this one dispatch, and names it again when it is replayed. */
  dispatchId: string;
}

/** Applies a dispatch to the tables and says what follows. Synchronous, so that it is one transaction. */
export type DispatchHandler = (context: DispatchContext, data: unknown) => DispatchEffects;
