import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { deleteDeviceKeys } from '../../storage/user-keys/device-keys.ts';
import { deleteFallbackKeys } from '../../storage/user-keys/fallback-keys.ts';
import { deleteOneTimeKeys } from '../../storage/user-keys/one-time-keys.ts';
import { deleteSignaturesOf } from '../../storage/user-keys/signatures.ts';
import type { News } from './news.ts';

export function deleteDevices(sqlite: Sqlite, news: News, owner: UserId, deviceIds: DeviceId[]): void {
  let hadKeys = false;
  for (const deviceId of deviceIds) {
    hadKeys = deleteDeviceKeys(sqlite, deviceId) || hadKeys;
    deleteOneTimeKeys(sqlite, deviceId);
    deleteFallbackKeys(sqlite, deviceId);
    deleteSignaturesOf(sqlite, owner, deviceId);
  }
  if (hadKeys) news.deviceListChanged();
}
