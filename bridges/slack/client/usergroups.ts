import * as v from 'valibot';
import type { SlackSession } from './slack-client.ts';

const schema = v.object({
  usergroups: v.array(v.object({ id: v.string(), handle: v.pipe(v.string(), v.maxLength(300)) })),
});

/** The handle of a user group, without `@`; nothing if it cannot be told. */
export async function usergroupName(session: SlackSession, usergroupId: string): Promise<string | undefined> {
  try {
    const { usergroups } = await session.api.read('usergroups.list', schema);
    return usergroups.find((usergroup) => usergroup.id === usergroupId)?.handle;
  } catch {
    return undefined;
  }
}
