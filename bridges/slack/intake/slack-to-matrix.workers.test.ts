import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import type { FakeEvent } from '../../core/testing/fake-homeserver.ts';
import { chatIdOf } from '../slack-ids.ts';
import {
  callback,
  deliver,
  loginId,
  owner,
  type SlackBridge,
  slackEnv,
  startSlackBridge,
  until,
} from '../testing/slack-bridge.ts';

let bridge: SlackBridge;
let count = 0;

beforeAll(async () => {
  bridge = await startSlackBridge();
});

/** A conversation of its own for each test. */
function newChannel(): string {
  return `C${++count}X`;
}

async function send(...events: object[]): Promise<void> {
  for (const event of events) {
    const response = await deliver(bridge.ingressKey, callback(`Ev${++count}`, event));
    expect(response.status).toBe(200);
  }
}

const ts = (n: number) => `1700000000.${String(n).padStart(6, '0')}`;
const message = (channel: string, n: number, text: string, more: object = {}) => ({
  type: 'message',
  channel,
  user: 'U2',
  text,
  ts: ts(n),
  event_ts: ts(n),
  ...more,
});
const changed = (channel: string, n: number, text: string, editedN: number) => ({
  type: 'message',
  subtype: 'message_changed',
  channel,
  ts: ts(editedN),
  event_ts: ts(editedN),
  message: { type: 'message', user: 'U2', text, ts: ts(n), edited: { user: 'U2', ts: ts(editedN) } },
  previous_message: { type: 'message', user: 'U2', text: 'before', ts: ts(n) },
});

async function roomOf(channel: string): Promise<string> {
  const status = await slackEnv.PORTALS.getByName(chatIdOf('T1', channel)).status();
  return status.roomId ?? '';
}

/** Waits until the room shows these messages and nothing is left to do. */
async function expectTimeline(channel: string, lines: string[]): Promise<void> {
  await until(async () => {
    expect(bridge.homeserver.timeline(await roomOf(channel))).toEqual(lines);
    expect((await slackEnv.PORTALS.getByName(chatIdOf('T1', channel)).status()).queued).toBe(0);
  });
}

async function eventsIn(channel: string, type: string): Promise<FakeEvent[]> {
  const roomId = await roomOf(channel);
  return bridge.homeserver.events.filter((event) => event.roomId === roomId && event.type === type);
}

const ghost = '@slack_t1-u2';

test('a message makes the space, the room and the ghost, and stands there with its own time', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'hello *you*'));
  await expectTimeline(channel, [`${ghost}: hello **you**`]);
  const { homeserver } = bridge;
  const [event] = await eventsIn(channel, 'm.room.message');
  expect(event?.ts).toBe(1_700_000_000_000);
  expect(event?.content.formatted_body).toBe('hello <strong>you</strong>');
  expect(homeserver.displayNames.get(`${ghost}:roost.test`)).toBe('Name U2');
  const roomId = await roomOf(channel);
  expect(homeserver.members.get(roomId)?.get(owner)).toBe('join');
  const spaceId = (await slackEnv.PORTALS.getByName('T1').status()).roomId;
  const children = homeserver.events.filter(
    (child) => child.type === 'm.space.child' && child.roomId === spaceId,
  );
  expect(children.map((child) => child.stateKey)).toContain(roomId);
});

test('W3: the same message by another event is one event', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'once'), message(channel, 1, 'once'), message(channel, 2, 'twice'));
  await expectTimeline(channel, [`${ghost}: once`, `${ghost}: twice`]);
});

test('W3: an edit and a removal that arrive before their messages are applied to them', async () => {
  const channel = newChannel();
  await send(changed(channel, 1, 'after', 5));
  await send({
    type: 'message',
    subtype: 'message_deleted',
    channel,
    deleted_ts: ts(2),
    ts: ts(6),
    event_ts: ts(6),
  });
  await send(message(channel, 2, 'gone'), message(channel, 1, 'before'), message(channel, 3, 'end'));
  await expectTimeline(channel, [`${ghost}: after`, `${ghost}: end`]);
});

test('W3: neighbours that changed places on the way are put right', async () => {
  const channel = newChannel();
  const team = slackEnv.TEAMS.getByName(loginId);
  const accepted = [1, 4, 2, 3].map((n) =>
    team.accept({ eventId: `Ev${++count}`, payload: JSON.stringify(message(channel, n, `no ${n}`)) }),
  );
  await Promise.all(accepted);
  await expectTimeline(
    channel,
    [1, 2, 3, 4].map((n) => `${ghost}: no ${n}`),
  );
});

test('W3: whatever the order and however often events come, the room ends the same', async () => {
  const story = (channel: string) => {
    const reaction = (type: string, n: number) => ({
      type,
      user: 'U2',
      reaction: 'eyes',
      item: { type: 'message', channel, ts: ts(1) },
      event_ts: ts(n * 10_000),
    });
    return [
      message(channel, 1, 'first'),
      message(channel, 2, 'second'),
      changed(channel, 1, 'first, better', 30_000),
      changed(channel, 1, 'first, best', 40_000),
      reaction('reaction_added', 5),
      reaction('reaction_removed', 6),
      reaction('reaction_added', 7),
      {
        type: 'message',
        subtype: 'message_deleted',
        channel,
        deleted_ts: ts(2),
        ts: ts(80_000),
        event_ts: ts(80_000),
      },
      message(channel, 90_000, 'last'),
    ];
  };
  const shuffles = fc.sample(
    fc.shuffledSubarray([...Array(9).keys(), ...Array(9).keys()], { minLength: 18 }),
    {
      numRuns: 15,
      seed: 20_261_124,
    },
  );
  const team = slackEnv.TEAMS.getByName(loginId);
  for (const order of shuffles) {
    const channel = newChannel();
    const events = story(channel);
    // One by one, so that nothing is put right before the lane sees it.
    for (const index of order) {
      await team.accept({ eventId: `Ev${++count}`, payload: JSON.stringify(events[index]) });
      await until(async () => expect(await waiting()).toBe(0));
    }
    await until(async () => {
      expect((await slackEnv.PORTALS.getByName(chatIdOf('T1', channel)).status()).queued).toBe(0);
    });
    const lines = bridge.homeserver.timeline(await roomOf(channel)).sort();
    expect(lines).toEqual([`${ghost}: first, best`, `${ghost}: last`]);
    const redacted = (await eventsIn(channel, 'm.room.redaction')).map((event) => event.redacts);
    const reactions = await eventsIn(channel, 'm.reaction');
    expect(reactions.filter((event) => !redacted.includes(event.eventId))).toHaveLength(1);
  }
}, 30_000);

/** Events that are not handed on yet. */
function waiting(): Promise<number> {
  const team = slackEnv.TEAMS.getByName(loginId) as unknown as DurableObjectStub;
  return runInDurableObject(team, (_, state) =>
    Number(state.storage.sql.exec(`SELECT COUNT(*) AS n FROM inbox WHERE state = 'queued'`).one().n),
  );
}

test('an edit that changes nothing makes no event', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'same'), changed(channel, 1, 'same', 2), message(channel, 3, 'end'));
  await expectTimeline(channel, [`${ghost}: same`, `${ghost}: end`]);
  expect(await eventsIn(channel, 'm.room.message')).toHaveLength(2);
});

test('reactions come, go and come again', async () => {
  const channel = newChannel();
  const reaction = (type: string, n: number, name: string) => ({
    type,
    user: 'U2',
    reaction: name,
    item: { type: 'message', channel, ts: ts(1) },
    event_ts: ts(n),
  });
  await send(
    message(channel, 1, 'react'),
    reaction('reaction_added', 2, '+1'),
    reaction('reaction_removed', 3, '+1'),
    reaction('reaction_added', 4, '+1'),
    reaction('reaction_added', 5, 'partyparrot'),
  );
  await until(async () => {
    const keys = (await eventsIn(channel, 'm.reaction')).map(
      (event) => (event.content['m.relates_to'] as { key: string }).key,
    );
    expect(keys).toEqual(['👍', '👍', ':partyparrot:']);
    expect(await eventsIn(channel, 'm.room.redaction')).toHaveLength(1);
  });
});

test('two names of one emoji are one reaction, and nothing waits for the second', async () => {
  const channel = newChannel();
  const reaction = (n: number, name: string) => ({
    type: 'reaction_added',
    user: 'U2',
    reaction: name,
    item: { type: 'message', channel, ts: ts(1) },
    event_ts: ts(n),
  });
  await send(
    message(channel, 1, 'react'),
    reaction(2, '+1'),
    reaction(3, 'thumbsup'),
    message(channel, 4, 'on'),
  );
  await expectTimeline(channel, [`${ghost}: react`, `${ghost}: on`]);
  expect(await eventsIn(channel, 'm.reaction')).toHaveLength(1);
});

test('a reply in a thread that is not bridged yet brings the beginning along', async () => {
  const channel = newChannel();
  bridge.slack.messages.push({ ts: ts(1), user: 'U3', text: 'long ago' });
  await send(message(channel, 9, 'hi', { ts: '1700000200.000009' }));
  await expectTimeline(channel, ['@slack_t1-u3: long ago', `${ghost}: hi`]);
  bridge.slack.messages.length = 0;
});

test('what the person posts with their own client is theirs, and does not go back', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'mine', { user: 'U1' }));
  await expectTimeline(channel, ['@olive: mine']);
  const [event] = await eventsIn(channel, 'm.room.message');
  expect(event?.content['fi.mau.double_puppet_source']).toBe('slack');
});

test('a homeserver that is away holds the lane up, in order, and loses nothing', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'one'));
  await expectTimeline(channel, [`${ghost}: one`]);
  let failures = 2;
  bridge.homeserver.before = ({ path }) =>
    path.includes('/send/') && failures-- > 0
      ? { status: 502, body: { errcode: 'M_UNKNOWN', error: '' } }
      : undefined;
  await send(message(channel, 2, 'two'), message(channel, 3, 'three'));
  await until(() => expect(failures).toBeLessThan(2));
  failures = 0;
  await runLane(channel);
  await expectTimeline(channel, [`${ghost}: one`, `${ghost}: two`, `${ghost}: three`]);
  bridge.homeserver.before = () => undefined;
});

test('an answer of the homeserver that gets lost makes no second event', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'one'));
  await expectTimeline(channel, [`${ghost}: one`]);
  let lost = 1;
  bridge.homeserver.after = ({ path }) =>
    path.includes('/send/') && lost-- > 0
      ? { status: 504, body: { errcode: 'M_UNKNOWN', error: '' } }
      : undefined;
  await send(message(channel, 2, 'two'));
  await until(() => expect(lost).toBeLessThan(1));
  bridge.homeserver.after = () => undefined;
  await runLane(channel);
  await expectTimeline(channel, [`${ghost}: one`, `${ghost}: two`]);
});

test('poison is buried with a notice, and the lane goes on', async () => {
  const channel = newChannel();
  await send(message(channel, 1, 'one'));
  await expectTimeline(channel, [`${ghost}: one`]);
  bridge.homeserver.before = ({ path, userId }) =>
    path.includes('/send/') && userId === `${ghost}:roost.test`
      ? { status: 400, body: { errcode: 'M_BAD_JSON', error: 'no' } }
      : undefined;
  await send(message(channel, 2, 'poison'));
  const notice = '@slackbot: ⚠️ Something from Slack could not be shown here.';
  await expectTimeline(channel, [`${ghost}: one`, notice]);
  bridge.homeserver.before = () => undefined;
  await send(message(channel, 3, 'three'));
  await expectTimeline(channel, [`${ghost}: one`, notice, `${ghost}: three`]);
  const { dead } = await slackEnv.PORTALS.getByName(chatIdOf('T1', channel)).status();
  expect(dead.map((item) => item.reason)).toEqual([expect.stringContaining('M_BAD_JSON')]);
});

/** A minute later. */
async function runLane(channel: string): Promise<void> {
  vi.setSystemTime(Date.now() + 60_000);
  await runDurableObjectAlarm(
    slackEnv.PORTALS.getByName(chatIdOf('T1', channel)) as unknown as DurableObjectStub,
  );
}
