import { type RoomVersion, roomVersion, roomVersions } from '../room-versions.ts';

/** For tests: a version that surely exists. */
export function version(id: string): RoomVersion {
  const found = roomVersion(id);
  if (!found) throw new Error(`no room version ${id}`);
  return found;
}

export const allVersions: RoomVersion[] = Object.values(roomVersions);
