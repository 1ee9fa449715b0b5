import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import { asMessageId, type PartId, type RemoteMessageId } from '../../remote-ids.ts';

/** A part of a remote message and the Matrix event that stands for it. */
export interface MappedMessage {
  messageId: RemoteMessageId;
  part: PartId;
  eventId: EventId;
  /** The Matrix user who sent the event: only they can edit it. */
  sender: string;
  threadRoot: RemoteMessageId | undefined;
  /** Of the content as converted from the network: an edit that changes nothing is dropped. */
  contentHash: string | undefined;
  timestampMs: number;
  /** Time on the network of the newest edit that was applied; 0 if none was. Older ones come too late. */
  editedMs: number;
  removed: boolean;
}

export type NewMapping = Omit<MappedMessage, 'editedMs'>;

type Row = {
  remote_id: string;
  part: string;
  event_id: string;
  sender: string;
  thread_root: string | null;
  content_hash: string | null;
  timestamp_ms: number;
  edited_ms: number;
  removed: number;
} & SqlRow;

/** Remote messages and Matrix events, each way unique. Rows stay for good: they are what keeps copies away. */
export class MessageMap {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  put(message: NewMapping): void {
    this.#insert(message, false);
  }

  /** A part that is in the room while others of its message are still to come. */
  putArriving(message: NewMapping): void {
    this.#insert(message, true);
  }

  /** Parts of a message that is not wholly in the room yet. No other method knows of them. */
  arriving(messageId: RemoteMessageId): MappedMessage[] {
    return this.#sqlite
      .all<Row>('SELECT * FROM message_map WHERE remote_id = ? AND arriving = 1 ORDER BY part', messageId)
      .map(mapped);
  }

  setArrived(messageId: RemoteMessageId): void {
    this.#sqlite.run('UPDATE message_map SET arriving = 0 WHERE remote_id = ? AND arriving = 1', messageId);
  }

  #insert(message: NewMapping, isArriving: boolean): void {
    this.#sqlite.run(
      `INSERT OR IGNORE INTO message_map
         (remote_id, part, event_id, sender, thread_root, content_hash, timestamp_ms, removed, arriving)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      message.messageId,
      message.part,
      message.eventId,
      message.sender,
      message.threadRoot ?? null,
      message.contentHash ?? null,
      message.timestampMs,
      message.removed ? 1 : 0,
      isArriving ? 1 : 0,
    );
  }

  /** The parts of a message, removed ones too. */
  ofMessage(messageId: RemoteMessageId): MappedMessage[] {
    return this.#sqlite
      .all<Row>('SELECT * FROM message_map WHERE remote_id = ? AND arriving = 0 ORDER BY part', messageId)
      .map(mapped);
  }

  /** The remote messages that an event became. */
  ofEvent(eventId: string): MappedMessage[] {
    return this.#sqlite
      .all<Row>(
        'SELECT * FROM message_map WHERE event_id = ? AND arriving = 0 ORDER BY timestamp_ms, remote_id',
        eventId,
      )
      .map(mapped);
  }

  setContentHash(messageId: RemoteMessageId, part: PartId, contentHash: string): void {
    this.#sqlite.run(
      'UPDATE message_map SET content_hash = ? WHERE remote_id = ? AND part = ?',
      contentHash,
      messageId,
      part,
    );
  }

  setEdited(messageId: RemoteMessageId, editedMs: number): void {
    this.#sqlite.run('UPDATE message_map SET edited_ms = ? WHERE remote_id = ?', editedMs, messageId);
  }

  setRemoved(messageId: RemoteMessageId, part: PartId): void {
    this.#sqlite.run('UPDATE message_map SET removed = 1 WHERE remote_id = ? AND part = ?', messageId, part);
  }
}

function mapped(row: Row): MappedMessage {
  return {
    messageId: asMessageId(row.remote_id),
    part: row.part,
    eventId: row.event_id as EventId,
    sender: row.sender,
    threadRoot: row.thread_root === null ? undefined : asMessageId(row.thread_root),
    contentHash: row.content_hash ?? undefined,
    timestampMs: row.timestamp_ms,
    editedMs: row.edited_ms,
    removed: row.removed === 1,
  };
}
