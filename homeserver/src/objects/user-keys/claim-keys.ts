import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { useFallbackKey } from '../../storage/user-keys/fallback-keys.ts';
import { claimOneTimeKey } from '../../storage/user-keys/one-time-keys.ts';
import type { KeyValue } from '../user-keys-rpc.ts';
import type { News } from './news.ts';

/** One key per device and wanted algorithm; devices that have none are absent. */
export function claimKeys(
  sqlite: Sqlite,
  news: News,
  wanted: Record<DeviceId, string>,
): Record<DeviceId, Record<string, KeyValue>> {
  const claimed: Record<DeviceId, Record<string, KeyValue>> = {};
  for (const [device, algorithm] of Object.entries(wanted)) {
    const deviceId = device as DeviceId;
    const given = claimOneTimeKey(sqlite, deviceId, algorithm) ?? useFallbackKey(sqlite, deviceId, algorithm);
    if (!given) continue;
    claimed[deviceId] = { [`${algorithm}:${given.keyId}`]: JSON.parse(given.key) as KeyValue };
    news.countsChanged(deviceId);
  }
  return claimed;
}
