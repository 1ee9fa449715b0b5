import { ownsUser, type Registration } from '../../../appservice/registration.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Config } from '../config.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { ToDeviceMessage } from '../objects/user-sync-rpc.ts';

/**
 * Queues messages for the devices of a local user: in the user's inbox, or, where an application service
 * takes ephemeral data in its transactions, there.
 */
export async function sendToDevices(
  stubs: Stubs,
  config: Config,
  userId: UserId,
  messages: ToDeviceMessage[],
): Promise<void> {
  const service = config.registrations.find((one) => ownsUser(one, userId, config.serverName));
  if (service?.receiveEphemeral) await sendToService(stubs, service, userId, messages);
  else await stubs.user(userId).enqueueToDevice(messages);
}

async function sendToService(
  stubs: Stubs,
  service: Registration,
  userId: UserId,
  messages: readonly ToDeviceMessage[],
): Promise<void> {
  const devices = (await stubs.user(userId).devices()).map(({ deviceId }) => deviceId);
  const addressed = messages.flatMap(({ deviceId, type, sender, content }) =>
    devices
      .filter((device) => deviceId === '*' || deviceId === device)
      .map((device) => ({ type, sender, content, to_user_id: userId, to_device_id: device })),
  );
  if (addressed.length > 0) await stubs.appservice(service.id).enqueueToDevice(addressed);
}
