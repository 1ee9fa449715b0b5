import { invalidParam } from '../../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../../matrix/json.ts';
import type { SlidingRequest } from '../../../../protocol/sync/sliding-request.ts';
import { acknowledgeToDevice, toDeviceLimit, toDeviceSince } from '../../to-device.ts';
import type { UserContext } from '../../user-context.ts';

type Asked = NonNullable<SlidingRequest['extensions']['to_device']>;

/**
 * Messages have a `since` of their own, which outlives `pos`: only a later `since` acknowledges them. One
 * from the future is given back as it came.
 * @throws `M_INVALID_PARAM`
 */
export function toDeviceExtension(
  user: UserContext,
  deviceId: string,
  asked: Asked,
  phase: 'arrival' | 'wake',
  nowMs: number,
): { extension: JsonObject; empty: boolean } {
  const since = parseSince(asked.since ?? undefined);
  if (since > user.stream.last) {
    return { extension: { events: [], next_batch: String(since) }, empty: true };
  }
  if (phase === 'arrival' && since > 0) acknowledgeToDevice(user, deviceId, since, nowMs);
  const limit = Math.min(asked.limit ?? toDeviceLimit, toDeviceLimit);
  const { events, position } = toDeviceSince(user, deviceId, since, limit);
  return { extension: { events, next_batch: String(position) }, empty: events.length === 0 };
}

function parseSince(since: string | undefined): number {
  if (since === undefined || since === '') return 0;
  if (!/^\d{1,15}$/.test(since)) throw invalidParam('extensions.to_device.since is none of our tokens');
  return Number(since);
}
