import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readDelivery } from '../../storage/destination/delivery.ts';
import { countEntries } from '../../storage/destination/queue.ts';
import { countBehind } from '../../storage/destination/rooms.ts';
import type { DestinationHealth } from '../destination-rpc.ts';

export function readHealth(sqlite: Sqlite): DestinationHealth {
  const { failures, failingSinceMs, lastError, nextAttemptMs } = readDelivery(sqlite);
  return {
    queued: countEntries(sqlite),
    roomsBehind: countBehind(sqlite),
    failures,
    ...(lastError === undefined ? {} : { lastError }),
    ...(failingSinceMs === undefined ? {} : { failingSinceMs }),
    ...(nextAttemptMs === 0 ? {} : { nextAttemptMs }),
  };
}
