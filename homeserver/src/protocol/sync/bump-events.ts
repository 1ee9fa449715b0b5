/** MSC4186: the types that make a room "recent" to clients. */
const bumpTypes: ReadonlySet<string> = new Set([
  'm.room.create',
  'm.room.message',
  'm.room.encrypted',
  'm.sticker',
  'm.call.invite',
  'm.poll.start',
  'org.matrix.msc3381.poll.start',
  'm.beacon_info',
  'org.matrix.msc3672.beacon_info',
]);

export function isBumpEvent(type: string): boolean {
  return bumpTypes.has(type);
}
