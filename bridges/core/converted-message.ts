import type { JsonObject } from '../../matrix/json.ts';
import type { PartId } from './remote-ids.ts';

/** A remote message as Matrix events, without relations: thread, reply and edit are added by the core. */
export interface ConvertedMessage {
  /** In order. None: the message has nothing to show and is remembered as dropped. */
  parts: ConvertedPart[];
}

export interface ConvertedPart {
  part: PartId;
  type: 'm.room.message' | 'm.sticker';
  content: JsonObject;
  /** It is in the room as it was sent: for what does not change, so that an edit brings no file again. */
  isKept?: boolean;
  /** Of a message in a thread: stands in the room's timeline, as a reply to the thread's beginning. */
  outsideThread?: boolean;
}
