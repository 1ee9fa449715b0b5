import type { RoomId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { DeltaResult } from './room-rpc.ts';

/** What `DestinationObject`, the way to one other server, offers. Plain data only: this crosses RPC. */

/** Server-server API, "EDUs". */
export interface Edu {
  type: string;
  content: JsonObject;
  /** A newer one with the same key takes the place of one that was not sent yet. */
  key?: string;
  /** Of use only now: not kept while the server cannot be reached. */
  isFleeting?: boolean;
}

/**
 * What a room tells another server: the events of ours, or of those who came through us, and what our users read and
 * type. The object keeps the position that it has reached in each room; if that is before `fromPosition`, it
 * answers `gap` and gets what it lacks.
 */
export interface ServerDelta {
  roomId: RoomId;
  /** Of the last such event before `pdus`; 0 if there is none since the server came. */
  fromPosition: number;
  position: number;
  pdus: { position: number; pdu: JsonObject }[];
  edus: Edu[];
  /** To be taken whatever was reached: the room was restored from a backup. */
  restarts?: boolean;
}

/** For a server that was away: the end of the room's graph, from which it finds what it lacks by itself. */
export interface LatestEvents {
  position: number;
  pdus: JsonObject[];
}

export interface DestinationHealth {
  /** PDUs and EDUs that wait. */
  queued: number;
  roomsBehind: number;
  failures: number;
  lastError?: string;
  /** Epoch ms. */
  failingSinceMs?: number;
  nextAttemptMs?: number;
}

export interface DestinationRpc {
  applyRoomDelta(delta: ServerDelta): Promise<DeltaResult>;
  enqueueEdus(edus: Edu[]): Promise<void>;
  /** The server has just shown itself alive: ends a pause after failures. */
  retryNow(): Promise<void>;
  /** The server has come into a room by way of us. */
  learnRoom(roomId: RoomId): Promise<void>;
  /** Rooms that the server came into by way of us, and those whose events are sent to it, or were. */
  rooms(): Promise<RoomId[]>;
  health(): Promise<DestinationHealth>;
}
