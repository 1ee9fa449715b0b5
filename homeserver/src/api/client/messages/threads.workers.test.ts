import { beforeAll, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { alice, bob, call, carol, createRoom, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople);

let sent = 0;
async function say(userId: string, path: string, body: string, root?: string): Promise<string> {
  const relation = root ? { 'm.relates_to': { rel_type: 'm.thread', event_id: root } } : {};
  sent += 1;
  const answer = await call(userId, 'PUT', `${path}/send/m.room.message/${sent}`, {
    msgtype: 'm.text',
    body,
    ...relation,
  });
  expect(answer).toMatchObject({ status: 200 });
  return String(answer.body.event_id);
}

async function publicRoom(): Promise<string> {
  const { path, roomId } = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  return path;
}

const threadsPath = (path: string, query = '') => `${path.replace('/v3/', '/v1/')}/threads${query}`;

async function threads(userId: string, path: string, query = '') {
  const answer = await call(userId, 'GET', threadsPath(path, query));
  expect(answer).toMatchObject({ status: 200 });
  const chunk = answer.body.chunk as JsonObject[];
  return { roots: chunk.map((event) => event.event_id), chunk, next: answer.body.next_batch };
}

test('the thread with the latest reply comes first, with its bundle', async () => {
  const path = await publicRoom();
  const [one, two, three] = [
    await say(alice, path, '1'),
    await say(bob, path, '2'),
    await say(alice, path, '3'),
  ];
  expect((await threads(bob, path)).roots).toEqual([]);
  await say(bob, path, 'first', three);
  await say(bob, path, 'second', one);
  const third = await say(bob, path, 'third', two);
  expect((await threads(alice, path)).roots).toEqual([two, one, three]);
  const last = await say(alice, path, 'fourth', three);
  const { roots, chunk } = await threads(alice, path);
  expect(roots).toEqual([three, two, one]);
  expect(chunk[0]).toMatchObject({
    unsigned: {
      'm.relations': {
        'm.thread': { count: 2, latest_event: { event_id: last }, current_user_participated: true },
      },
    },
  });
  // Redacted replies do not count, neither for the order.
  for (const [index, eventId] of [last, third].entries()) {
    await call(
      eventId === last ? alice : bob,
      'PUT',
      `${path}/redact/${encodeURIComponent(eventId)}/r${index}`,
      {},
    );
  }
  expect((await threads(alice, path)).roots).toEqual([one, three]);
});

test('pages follow on each other, also by the unstable path', async () => {
  const path = await publicRoom();
  const roots: string[] = [];
  for (const body of ['1', '2', '3', '4', '5']) {
    const root = await say(alice, path, body);
    await say(bob, path, 'reply', root);
    roots.unshift(root);
  }
  const first = await threads(alice, path, '?limit=2');
  const second = await threads(alice, path, `?limit=2&from=${first.next}`);
  const third = await threads(alice, path, `?limit=2&from=${second.next}`);
  expect([...first.roots, ...second.roots, ...third.roots]).toEqual(roots);
  expect(third.next).toBeUndefined();
  const unstable = threadsPath(path).replace('/v1/', '/unstable/org.matrix.msc3856/');
  expect(await call(alice, 'GET', unstable)).toMatchObject({
    status: 200,
    body: { chunk: [{}, {}, {}, {}, {}] },
  });
});

test('`participated` has the threads that one began or answered', async () => {
  const path = await publicRoom();
  const began = await say(bob, path, 'began');
  const answered = await say(alice, path, 'answered');
  const neither = await say(alice, path, 'neither');
  for (const root of [began, answered, neither]) await say(alice, path, 'reply', root);
  await say(bob, path, 'reply', answered);
  expect((await threads(bob, path, '?include=participated')).roots).toEqual([answered, began]);
  const page = await threads(bob, path, '?include=participated&limit=1');
  expect(page.roots).toEqual([answered]);
  expect((await threads(bob, path, `?include=participated&limit=1&from=${page.next}`)).roots).toEqual([
    began,
  ]);
});

test('what one may not see shows neither itself nor in the order', async () => {
  const path = await publicRoom();
  const [one, two] = [await say(alice, path, '1'), await say(alice, path, '2')];
  await say(alice, path, 'reply', one);
  const seen = await say(alice, path, 'reply', two);
  await call(alice, 'PUT', `${path}/state/m.room.history_visibility/`, { history_visibility: 'joined' });
  await call(bob, 'POST', `${path}/leave`, {});
  const hidden = await say(alice, path, 'secret');
  await say(alice, path, 'secret reply', one);
  await say(alice, path, 'secret reply', hidden);
  const { roots, chunk } = await threads(bob, path);
  expect(roots).toEqual([two, one]);
  expect(chunk[0]).toMatchObject({
    unsigned: { 'm.relations': { 'm.thread': { count: 1, latest_event: { event_id: seen } } } },
  });
  const first = await threads(bob, path, '?limit=1');
  expect((await threads(bob, path, `?limit=1&from=${first.next}`)).roots).toEqual([one]);
  expect(await call(carol, 'GET', threadsPath(path))).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
});

test.each(['?include=some', '?limit=many', '?limit=0', '?from=nowhere'])('%s is refused', async (query) => {
  const path = await publicRoom();
  expect(await call(alice, 'GET', threadsPath(path, query))).toMatchObject({ status: 400 });
});

test('a reply in a thread writes the thread and its place in the order besides its relation', async () => {
  const path = await publicRoom();
  const root = await say(alice, path, 'root');
  await say(alice, path, 'reply', root);
  const run = vi.spyOn(Sqlite.prototype, 'run');
  await say(alice, path, 'reply', root);
  const written = run.mock.calls.flatMap(([statement], index) =>
    /^INSERT INTO (relations|threads) /.test(statement) ? [Number(run.mock.results[index]?.value)] : [],
  );
  expect(written).toEqual([3, 2]);
  run.mockRestore();
});
