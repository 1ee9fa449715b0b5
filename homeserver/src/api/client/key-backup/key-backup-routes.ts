import type { AnyEndpoint } from '../../endpoint.ts';
import { deleteRoomKeyBySessionId } from './deleteRoomKeyBySessionId.ts';
import { deleteRoomKeys } from './deleteRoomKeys.ts';
import { deleteRoomKeysByRoomId } from './deleteRoomKeysByRoomId.ts';
import { deleteRoomKeysVersion } from './deleteRoomKeysVersion.ts';
import { getRoomKeyBySessionId } from './getRoomKeyBySessionId.ts';
import { getRoomKeys } from './getRoomKeys.ts';
import { getRoomKeysByRoomId } from './getRoomKeysByRoomId.ts';
import { getRoomKeysVersion } from './getRoomKeysVersion.ts';
import { getRoomKeysVersionCurrent } from './getRoomKeysVersionCurrent.ts';
import { postRoomKeysVersion } from './postRoomKeysVersion.ts';
import { putRoomKeyBySessionId } from './putRoomKeyBySessionId.ts';
import { putRoomKeys } from './putRoomKeys.ts';
import { putRoomKeysByRoomId } from './putRoomKeysByRoomId.ts';
import { putRoomKeysVersion } from './putRoomKeysVersion.ts';

/** The chapter of the key backup. */
export const keyBackupRoutes: readonly AnyEndpoint[] = [
  postRoomKeysVersion,
  getRoomKeysVersionCurrent,
  getRoomKeysVersion,
  putRoomKeysVersion,
  deleteRoomKeysVersion,
  putRoomKeys,
  getRoomKeys,
  deleteRoomKeys,
  putRoomKeysByRoomId,
  getRoomKeysByRoomId,
  deleteRoomKeysByRoomId,
  putRoomKeyBySessionId,
  getRoomKeyBySessionId,
  deleteRoomKeyBySessionId,
];
