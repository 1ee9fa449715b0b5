import { unknownPos } from '../../../../../matrix/errors.ts';
import type { StatePair } from '../../../protocol/sync/sliding-request.ts';
import { formatSlidingToken, parseSlidingToken } from '../../../protocol/sync/sliding-token.ts';
import {
  type ConnectionRow,
  deleteConnectionsBefore,
  findConnection,
  findSentRoom,
  insertConnection,
  putSentRoom,
  rollBackSentRooms,
  updateConnection,
} from '../../../storage/user-sync/sliding-sync.ts';
import type { UserContext } from '../user-context.ts';

/** Connections that nobody continued for this long are forgotten; their clients begin anew. */
const idleMs = 30 * 24 * 60 * 60 * 1000;

/**
 * What a connection (device and `conn_id`) has been sent.
 *
 * A `pos` names a stream position and the number (`seq`) of what was recorded of the connection when it was
 * given. An answer that only continues rooms records nothing: the stream position says it all. An answer
 * that sends a room for the first time, passes one over, or follows a changed request gets a new number, and
 * every row it writes keeps what it replaces. A client that repeats the `pos` before the newest has not had
 * the newest answer, so that is taken back (R31). A request without `pos` starts anew by raising `baseSeq`:
 * rows with lower numbers count as absent, and are overwritten when their room is sent again.
 */
export interface Connection {
  row: ConnectionRow;
  /** Stream position to continue from; 0 if new. */
  since: number;
  isNew: boolean;
  state: ConnectionState;
}

export interface ConnectionState {
  lists: Record<string, SentList>;
  /** Rooms subscribed to, and the hash of how. */
  subscriptions: { rooms: string[]; hash: string };
  /** Hash → pairs of `required_state`, for those that sent rooms name. */
  configs: Record<string, StatePair[]>;
  /** Extensions about rooms that were asked for, and of which rooms. */
  extensions: Record<string, string>;
}

export interface SentList {
  /** Of everything in the list's request that decides which rooms it holds and what they are sent with. */
  hash: string;
  /** Every room of the list whose last event lies at or behind this stream position was sent. */
  threshold: number;
}

/** A room as this connection knows it. */
export interface SentRoom {
  limit: number;
  /** Key into `configs`. */
  config: string;
  /** The room changed behind this stream position without being in any list or subscription. */
  skippedAt?: number;
  /** The client was told that the user has left: should they be seen there again, it begins anew. */
  left?: true;
  /** Whose member events were sent lazily. */
  members?: string[];
}

const newState = (): ConnectionState => ({
  lists: {},
  subscriptions: { rooms: [], hash: '' },
  configs: {},
  extensions: {},
});

/**
 * @param phase only on arrival anything is taken back; a call that waited is refused if it was overtaken
 * @throws `M_UNKNOWN_POS`
 */
export function openConnection(
  user: UserContext,
  deviceId: string,
  connId: string,
  pos: string | undefined,
  phase: 'arrival' | 'wake',
  nowMs: number,
): Connection {
  const row = findConnection(user.sqlite, deviceId, connId);
  if (pos === undefined) {
    const known = row ?? makeConnection(user, deviceId, connId, nowMs);
    const seq = known.lastSeq + 1;
    const fresh = { ...known, baseSeq: seq, seq, lastSeq: seq, state: '', previousSeq: null };
    return { row: { ...fresh, previousState: null }, since: 0, isNew: true, state: newState() };
  }
  const token = parseSlidingToken(pos, user.stream.tag, user.stream.last);
  if (!row || !token || token.connection !== row.connection || token.seq < row.baseSeq) throw unknownPos();
  if (token.seq !== row.seq) {
    if (phase === 'wake' || token.seq !== row.previousSeq) throw unknownPos();
    takeBack(user, row, nowMs);
  }
  const state = row.state === '' ? newState() : (JSON.parse(row.state) as ConnectionState);
  return { row, since: token.position, isNew: false, state };
}

function makeConnection(user: UserContext, deviceId: string, connId: string, nowMs: number): ConnectionRow {
  deleteConnectionsBefore(user.sqlite, nowMs - idleMs);
  insertConnection(user.sqlite, deviceId, connId, nowMs);
  const row = findConnection(user.sqlite, deviceId, connId);
  if (!row) throw new Error('the connection was not stored');
  return row;
}

/** The client repeats the `pos` before the newest: what the newest answer recorded is undone. */
function takeBack(user: UserContext, row: ConnectionRow, nowMs: number): void {
  const seq = row.previousSeq ?? row.baseSeq;
  rollBackSentRooms(user.sqlite, row.connection, seq);
  Object.assign(row, { seq, state: row.previousState ?? '', previousSeq: null, previousState: null });
  updateConnection(user.sqlite, row, nowMs);
}

export function sentRoom(user: UserContext, { row }: Connection, roomId: string): SentRoom | undefined {
  const sent = findSentRoom(user.sqlite, row.connection, roomId);
  return sent && sent.seq >= row.baseSeq ? (JSON.parse(sent.state) as SentRoom) : undefined;
}

/**
 * Records what an answer changes of the connection, if anything.
 * @returns the answer's `pos`
 */
export function commitAnswer(
  user: UserContext,
  connection: Connection,
  state: ConnectionState,
  rooms: ReadonlyMap<string, SentRoom>,
  nowMs: number,
): string {
  const { row, isNew } = connection;
  const text = JSON.stringify(state);
  const changed = isNew || rooms.size > 0 || text !== row.state;
  const next = isNew ? row : { ...row, seq: row.lastSeq + 1, lastSeq: row.lastSeq + 1 };
  const token = { connection: row.connection, position: user.stream.last };
  if (!changed) return formatSlidingToken({ ...token, seq: row.seq }, user.stream.tag);
  const previous = isNew ? {} : { previousSeq: row.seq, previousState: row.state };
  user.sqlite.transaction(() => {
    updateConnection(user.sqlite, { ...next, ...previous, state: text }, nowMs);
    for (const [roomId, sent] of rooms) recordRoom(user, next, roomId, sent);
  });
  return formatSlidingToken({ ...token, seq: next.seq }, user.stream.tag);
}

function recordRoom(user: UserContext, row: ConnectionRow, roomId: string, sent: SentRoom): void {
  const before = findSentRoom(user.sqlite, row.connection, roomId);
  const counts = before !== undefined && before.seq >= row.baseSeq;
  putSentRoom(user.sqlite, row.connection, {
    roomId,
    seq: row.seq,
    state: JSON.stringify(sent),
    previousSeq: counts ? before.seq : null,
    previousState: counts ? before.state : null,
  });
}
