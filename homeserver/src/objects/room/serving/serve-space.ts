import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import { joinedServer } from '../../../storage/room/joined-servers.ts';
import { administrator, type SpaceView } from '../../room-rpc.ts';
import { readPreview } from '../reading/preview.ts';
import { readSpace } from '../reading/read-space.ts';
import type { Room } from '../room.ts';
import { isBarred } from './server-access.ts';

/**
 * The room as a hierarchy shows it to another server. If that is not in the room, and not all the world may know of it,
 * `preview.isOpen` is false: then it is for servers with users in one of `preview.allowedRooms`.
 */
export function spaceFor(room: Room, server: string, suggestedOnly: boolean): SpaceView | Denial {
  if (isBarred(room, server)) return denial(forbidden('Server is banned from room'));
  const view = readSpace(room, administrator, suggestedOnly);
  if (view.kind === 'denied') return view;
  const open = readPreview(room, undefined);
  const joined = joinedServer(room.sqlite, server);
  const isIn = joined !== undefined && joined.until === undefined;
  const isOpen = isIn || (open.kind === 'preview' && open.isOpen);
  return { ...view, preview: { ...view.preview, isOpen } };
}
