import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { alice, bob, call, createRoom, knowsOf, setUpPeople } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const changes = '/unstable/io.element.msc4308/thread_subscriptions?dir=b';
const slidingPath = '/unstable/org.matrix.simplified_msc3575/sync';
const extension = 'io.element.msc4308.thread_subscriptions';

async function thread(): Promise<{
  roomId: string;
  root: string;
  path: string;
  say: (more?: JsonObject) => Promise<string>;
  reply: (to: string) => Promise<string>;
}> {
  const { roomId, path: roomPath } = await createRoom(alice, { preset: 'public_chat' });
  await knowsOf(alice, roomId);
  const say = async (more: JsonObject = {}) => {
    const content = { msgtype: 'm.text', body: 'hello', ...more };
    const txnId = crypto.randomUUID();
    return String(
      (await call(alice, 'PUT', `${roomPath}/send/m.room.message/${txnId}`, content)).body.event_id,
    );
  };
  const reply = (to: string) => say({ 'm.relates_to': { rel_type: 'm.thread', event_id: to } });
  const root = await say();
  const path = `/unstable/io.element.msc4306${roomPath.slice(3)}/thread/${encodeURIComponent(root)}/subscription`;
  return { roomId, root, path, say, reply };
}

const sliding = async (pos?: string, limit = 100): Promise<JsonObject> => {
  const body = { extensions: { [extension]: { enabled: true, limit } } };
  const query = pos === undefined ? '' : `?pos=${encodeURIComponent(pos)}`;
  return (await call(alice, 'POST', `${slidingPath}${query}`, body)).body;
};
const threadsOf = (answer: JsonObject) => (answer.extensions as JsonObject)[extension] as JsonObject;

test('subscribing and unsubscribing by hand', async () => {
  const { path } = await thread();
  expect(await call(alice, 'GET', path)).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
  expect((await call(alice, 'DELETE', path)).status).toBe(200);
  expect(await call(alice, 'PUT', path, {})).toEqual({ status: 200, body: {} });
  expect(await call(alice, 'GET', path)).toEqual({ status: 200, body: { automatic: false } });
  expect((await call(alice, 'DELETE', path)).status).toBe(200);
  expect((await call(alice, 'GET', path)).status).toBe(404);
  // Who cannot see the thread is told nothing of it.
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await call(bob, method, path, method === 'PUT' ? {} : undefined)).status).toBe(404);
    const nowhere = path.replace(/thread\/[^/]+/, 'thread/%24nothing');
    expect((await call(alice, method, nowhere, method === 'PUT' ? {} : undefined)).status).toBe(404);
  }
});

test('a client subscribes by itself because of an event of the thread, and no other', async () => {
  const { path, root, say, reply } = await thread();
  const notInThread = { status: 400, body: { errcode: 'IO.ELEMENT.MSC4306.M_NOT_IN_THREAD' } };
  expect(await call(alice, 'PUT', path, { automatic: root })).toMatchObject(notInThread);
  const elsewhere = await reply(await say());
  expect(await call(alice, 'PUT', path, { automatic: elsewhere })).toMatchObject(notInThread);
  expect((await call(alice, 'PUT', path, { automatic: true })).status).toBe(400);
  expect((await call(alice, 'PUT', path, { automatic: await reply(root) })).status).toBe(200);
  expect((await call(alice, 'GET', path)).body).toEqual({ automatic: true });
  // By hand stands above, and stays.
  await call(alice, 'PUT', path, {});
  expect((await call(alice, 'GET', path)).body).toEqual({ automatic: false });
  expect((await call(alice, 'PUT', path, { automatic: await reply(root) })).status).toBe(200);
  expect((await call(alice, 'GET', path)).body).toEqual({ automatic: false });
});

test('who unsubscribed is not subscribed again because of what was said before', async () => {
  const { path, root, reply } = await thread();
  const first = await reply(root);
  await call(alice, 'PUT', path, { automatic: first });
  const second = await reply(root);
  // The user's own object has to have heard of the second reply.
  for (let seen = false; !seen; ) {
    const { body } = await call(alice, 'GET', '/v3/sync');
    seen = JSON.stringify(body).includes(second);
  }
  await call(alice, 'DELETE', path);
  const third = await reply(root);
  const conflict = { status: 409, body: { errcode: 'IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION' } };
  for (const earlier of [first, second]) {
    expect(await call(alice, 'PUT', path, { automatic: earlier })).toMatchObject(conflict);
    expect((await call(alice, 'GET', path)).status).toBe(404);
  }
  expect((await call(alice, 'PUT', path, { automatic: third })).status).toBe(200);
  expect((await call(alice, 'GET', path)).body).toEqual({ automatic: true });
});

test('sliding sync tells the latest changes and leads to the others', async () => {
  const before = await sliding();
  const [one, two, three] = [await thread(), await thread(), await thread()];
  await call(alice, 'PUT', one.path, {});
  await call(alice, 'PUT', two.path, { automatic: await two.reply(two.root) });
  const middle = await sliding(String(before.pos));
  expect(threadsOf(middle)).toEqual({
    subscribed: {
      [one.roomId]: { [one.root]: { automatic: false, bump_stamp: expect.any(Number) } },
      [two.roomId]: { [two.root]: { automatic: true, bump_stamp: expect.any(Number) } },
    },
  });
  expect(threadsOf(await sliding(String(middle.pos)))).toEqual({});
  await call(alice, 'PUT', three.path, {});
  await call(alice, 'DELETE', one.path);

  // A client that was away hears the newest, and pages back to where it was.
  const late = await sliding(String(before.pos), 1);
  const { prev_batch: prevBatch, ...newest } = threadsOf(late);
  expect(newest).toEqual({
    unsubscribed: { [one.roomId]: { [one.root]: { bump_stamp: expect.any(Number) } } },
  });
  const to = `&to=${encodeURIComponent(String(before.pos))}`;
  const page = async (from: unknown) =>
    (await call(alice, 'GET', `${changes}${to}&limit=1&from=${encodeURIComponent(String(from))}`)).body;
  const second = await page(prevBatch);
  expect(second.subscribed).toEqual({ [three.roomId]: { [three.root]: expect.anything() } });
  const third = await page(second.end);
  expect(third).toEqual({
    subscribed: { [two.roomId]: { [two.root]: { automatic: true, bump_stamp: expect.any(Number) } } },
  });
  // A new client hears what it is subscribed to alone.
  expect(threadsOf(await sliding())).not.toHaveProperty('unsubscribed');
  expect((await call(alice, 'GET', changes)).body.unsubscribed).toHaveProperty([one.roomId]);
  const malformed = { status: 400, body: { errcode: 'M_INVALID_PARAM' } };
  for (const more of ['&from=nonsense', '&to=nonsense', '&limit=0']) {
    expect(await call(alice, 'GET', changes + more)).toMatchObject(malformed);
  }
});
