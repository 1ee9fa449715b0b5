import * as v from 'valibot';
import { type DeviceId, parseUserId, type ServerName, serverNameOf } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { ToDeviceMessage } from '../../objects/user-sync-rpc.ts';
import { userIdField } from './edu-fields.ts';
import type { EduPorts } from './receive-edus.ts';

const schema = v.object({
  sender: userIdField,
  type: v.pipe(v.string(), v.maxLength(255)),
  message_id: v.pipe(v.string(), v.maxLength(255)),
  messages: v.pipe(
    v.record(v.string(), v.record(v.string(), v.custom<JsonObject>(isJsonObject))),
    v.maxEntries(1000),
  ),
});

/** Server-server API, "Send-to-device messaging". A message that came before is known by its id. */
export async function receiveToDevice(ports: EduPorts, origin: ServerName, content: unknown): Promise<void> {
  const parsed = v.safeParse(schema, content);
  if (!parsed.success || serverNameOf(parsed.output.sender) !== origin) return;
  const { sender, type, message_id: id, messages } = parsed.output;
  const users = Object.keys(messages).map(parseUserId);
  for (const userId of await ports.existing(users.filter((user) => user !== undefined))) {
    const queue = Object.entries(messages[userId] ?? {}).map(
      ([deviceId, one]): ToDeviceMessage => ({
        messageId: `${origin} ${sender} ${id}`,
        deviceId: deviceId as DeviceId | '*',
        type,
        sender,
        content: one,
      }),
    );
    await ports.deliver(userId, queue);
  }
}
