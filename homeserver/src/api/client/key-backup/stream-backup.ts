import { fromDenial } from '../../../../../matrix/errors.ts';
import type { RoomId } from '../../../../../matrix/identifiers.ts';
import type { BackupPage, BackupScope, BackupSessions, UserKeysRpc } from '../../../objects/user-keys-rpc.ts';

/** @throws what the refusal says: before anything of the answer has been sent */
export async function firstPage(keys: UserKeysRpc, version: string, scope: BackupScope): Promise<BackupPage> {
  const page = await keys.getBackupSessions(version, scope);
  if (page.kind === 'denied') throw fromDenial(page);
  return page;
}

/** `first` and the pages behind it; a backup that is deleted meanwhile ends there. */
export async function* pagesFrom(
  keys: UserKeysRpc,
  version: string,
  scope: BackupScope,
  first: BackupPage,
): AsyncGenerator<BackupPage> {
  let page: BackupPage = first;
  yield page;
  while (page.next) {
    const following = await keys.getBackupSessions(version, { ...scope, after: page.next });
    if (following.kind === 'denied') return;
    page = following;
    yield page;
  }
}

/** A whole backup as JSON. It may have tens of megabytes, so it is never held whole. */
export function streamBackup(keys: UserKeysRpc, version: string, first: BackupPage): Response {
  return streamJson(backupTexts(pagesFrom(keys, version, {}, first)));
}

/** The keys of one room likewise. */
export function streamRoom(keys: UserKeysRpc, version: string, roomId: RoomId, first: BackupPage): Response {
  return streamJson(roomTexts(roomId, pagesFrom(keys, version, { roomId }, first)));
}

function streamJson(texts: AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async pull(controller) {
      const { value, done } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}

/** Its members, to stand between braces. */
const membersOf = (sessions: BackupSessions[RoomId] | undefined) =>
  JSON.stringify(sessions ?? {}).slice(1, -1);

async function* roomTexts(roomId: RoomId, pages: AsyncGenerator<BackupPage>): AsyncGenerator<string> {
  let text = '{"sessions":{';
  for await (const { rooms } of pages) {
    yield text + membersOf(rooms[roomId]);
    text = ',';
  }
  yield '}}';
}

/** One text per page. A room that goes on in the next page stays open in between. */
async function* backupTexts(pages: AsyncGenerator<BackupPage>): AsyncGenerator<string> {
  let openRoom: string | undefined;
  let text = '{"rooms":{';
  for await (const page of pages) {
    for (const [roomId, sessions] of Object.entries(page.rooms)) {
      const entries = membersOf(sessions);
      if (roomId === openRoom) {
        text += `,${entries}`;
        continue;
      }
      if (openRoom !== undefined) text += '}},';
      text += `${JSON.stringify(roomId)}:{"sessions":{${entries}`;
      openRoom = roomId;
    }
    yield text;
    text = '';
  }
  yield openRoom === undefined ? '}}' : '}}}}';
}
