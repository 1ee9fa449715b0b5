import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readDelivery } from '../../storage/appservice/delivery.ts';
import { countEntries } from '../../storage/appservice/queue.ts';
import type { AppserviceHealth } from '../appservice-rpc.ts';

export function readHealth(sqlite: Sqlite): AppserviceHealth {
  const state = readDelivery(sqlite);
  return {
    queued: countEntries(sqlite),
    failures: state.failures,
    ...(state.lastError === undefined ? {} : { lastError: state.lastError }),
    ...(state.acknowledgedMs === undefined ? {} : { lastSuccessTs: state.acknowledgedMs }),
    ...(state.nextAttemptMs === 0 ? {} : { nextAttemptTs: state.nextAttemptMs }),
  };
}
