import * as v from 'valibot';
import { type ServerName, serverNameOf } from '../../../../matrix/identifiers.ts';
import type { ToldPresence } from '../../objects/user-sync-rpc.ts';
import { presenceStates } from '../../protocol/sync/presence.ts';
import { userIdField } from './edu-fields.ts';
import type { EduPorts } from './receive-edus.ts';

/** Users of one EDU that are looked at. */
const maxUsers = 200;
const schema = v.object({ push: v.array(v.unknown()) });
const userSchema = v.object({
  user_id: userIdField,
  presence: v.picklist(presenceStates),
  status_msg: v.nullish(v.pipe(v.string(), v.maxLength(2_000))),
  last_active_ago: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

/** Server-server API, "Presence". */
export async function receivePresence(ports: EduPorts, origin: ServerName, content: unknown): Promise<void> {
  const parsed = v.safeParse(schema, content);
  if (!parsed.success) return;
  const nowMs = Date.now();
  const told = parsed.output.push.slice(0, maxUsers).flatMap((one): ToldPresence[] => {
    const user = v.safeParse(userSchema, one);
    if (!user.success || serverNameOf(user.output.user_id) !== origin) return [];
    const { user_id: userId, presence: state, status_msg: statusMsg, last_active_ago: ago } = user.output;
    const lastActiveMs = ago === undefined ? 0 : Math.max(0, nowMs - ago);
    return [{ userId, state, statusMsg: statusMsg ?? undefined, lastActiveMs }];
  });
  if (told.length > 0) await ports.tellPresence(told);
}
