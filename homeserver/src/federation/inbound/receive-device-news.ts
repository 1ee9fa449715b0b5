import * as v from 'valibot';
import { type ServerName, serverNameOf } from '../../../../matrix/identifiers.ts';
import { userIdField } from './edu-fields.ts';
import type { EduPorts } from './receive-edus.ts';

const schema = v.object({ user_id: userIdField });

/**
 * Server-server API, "m.device_list_update" and "m.signing_key_update". What changed is not taken from here: clients
 * ask for the keys anew, and their server is asked then.
 */
export async function receiveDeviceNews(
  ports: EduPorts,
  origin: ServerName,
  content: unknown,
): Promise<void> {
  const parsed = v.safeParse(schema, content);
  if (!parsed.success || serverNameOf(parsed.output.user_id) !== origin) return;
  await ports.tellDeviceNews(parsed.output.user_id);
}
