import type { Denial } from '../../../../matrix/errors.ts';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import {
  readDehydratedDevice,
  removeDehydratedDevice,
  writeDehydratedDevice,
} from '../../storage/user-keys/dehydrated-device.ts';
import type { DehydratedUpload } from '../user-keys-rpc.ts';
import { deleteDevices } from './delete-devices.ts';
import type { News } from './news.ts';
import { uploadKeys } from './upload-keys.ts';

/**
 * MSC3814. The new device and its keys replace the former ones at once: nobody sees neither or both, and what is
 * refused changes nothing. The inbox of the former is closed afterwards, when nobody is told its keys any more.
 */
export function putDehydratedDevice(
  sqlite: Sqlite,
  news: News,
  owner: UserId,
  { deviceId, deviceData, keys }: DehydratedUpload,
): { kind: 'done' } | Denial {
  try {
    return sqlite.transaction(() => {
      takeAway(sqlite, news, owner, deviceId);
      const uploaded = uploadKeys(sqlite, news, owner, deviceId, keys);
      if (uploaded.kind === 'denied') throw new Refused(uploaded);
      writeDehydratedDevice(sqlite, { deviceId, deviceData });
      return { kind: 'done' };
    });
  } catch (error) {
    if (error instanceof Refused) return error.denial;
    throw error;
  }
}

/** @returns its id, if there was one */
export function deleteDehydratedDevice(sqlite: Sqlite, news: News, owner: UserId): DeviceId | undefined {
  return sqlite.transaction(() => takeAway(sqlite, news, owner));
}

/** @param next the inbox that goes on */
function takeAway(sqlite: Sqlite, news: News, owner: UserId, next?: DeviceId): DeviceId | undefined {
  const former = readDehydratedDevice(sqlite)?.deviceId;
  if (former === undefined) return undefined;
  removeDehydratedDevice(sqlite);
  deleteDevices(sqlite, news, owner, [former]);
  if (former !== next) news.inboxClosed(former);
  return former;
}

/** Undoes the transaction that it is thrown in. */
class Refused extends Error {
  readonly denial: Denial;

  constructor(denial: Denial) {
    super(denial.error);
    this.denial = denial;
  }
}
