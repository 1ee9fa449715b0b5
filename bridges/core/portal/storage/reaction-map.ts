import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite, SqlRow } from '../../../../platform/sqlite.ts';
import { asLoginId, asMessageId, type LoginId, type RemoteMessageId } from '../../remote-ids.ts';

/** A reaction that is on both sides. */
export interface MappedReaction {
  messageId: RemoteMessageId;
  /** The remote user's id; for a relayed reaction the Matrix user's. */
  reactor: string;
  emoji: string;
  eventId: EventId;
  /** The Matrix user who sent the event. */
  sender: string;
  loginId: LoginId;
  /** When it was set, by the network's clock: removals from before are not its own. 0 if we set it. */
  timestampMs: number;
}

type Row = {
  message_id: string;
  reactor: string;
  emoji: string;
  event_id: string;
  sender: string;
  login_id: string;
  timestamp_ms: number;
} & SqlRow;

/** Reactions, unique by message, reactor and emoji, and by event. */
export class ReactionMap {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  put(reaction: MappedReaction): void {
    this.#sqlite.run(
      `INSERT OR IGNORE INTO reaction_map (message_id, reactor, emoji, event_id, sender, login_id, timestamp_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      reaction.messageId,
      reaction.reactor,
      reaction.emoji,
      reaction.eventId,
      reaction.sender,
      reaction.loginId,
      reaction.timestampMs,
    );
  }

  /** Those on a message, of one reactor or all, with one emoji or any. */
  find(messageId: RemoteMessageId, reactor?: string, emoji?: string): MappedReaction[] {
    return this.#sqlite
      .all<Row>(
        `SELECT * FROM reaction_map WHERE message_id = ?1
         AND (?2 IS NULL OR reactor = ?2) AND (?3 IS NULL OR emoji = ?3)`,
        messageId,
        reactor ?? null,
        emoji ?? null,
      )
      .map(mapped);
  }

  ofEvent(eventId: string): MappedReaction | undefined {
    const row = this.#sqlite.get<Row>('SELECT * FROM reaction_map WHERE event_id = ?', eventId);
    return row && mapped(row);
  }

  /** It was set again, later: removals from before that are no longer its own. */
  setAgain(eventId: string, timestampMs: number): void {
    this.#sqlite.run(
      'UPDATE reaction_map SET timestamp_ms = ?1 WHERE event_id = ?2 AND timestamp_ms < ?1',
      timestampMs,
      eventId,
    );
  }

  delete(eventId: string): void {
    this.#sqlite.run('DELETE FROM reaction_map WHERE event_id = ?', eventId);
  }
}

function mapped(row: Row): MappedReaction {
  return {
    messageId: asMessageId(row.message_id),
    reactor: row.reactor,
    emoji: row.emoji,
    eventId: row.event_id as EventId,
    sender: row.sender,
    loginId: asLoginId(row.login_id),
    timestampMs: row.timestamp_ms,
  };
}
