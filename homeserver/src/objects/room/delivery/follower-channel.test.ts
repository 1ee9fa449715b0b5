import { expect, test, vi } from 'vitest';
import type { DeltaResult, RoomDelta } from '../../room-rpc.ts';
import { type ChannelPorts, FollowerChannel } from './follower-channel.ts';

/** A channel to a follower whose answers the test gives; `newest` is where the room is. */
function makeChannel(answer: (delta: RoomDelta) => Promise<DeltaResult>) {
  const room = { newest: 0 };
  const sent: RoomDelta[] = [];
  const ports = {
    build: vi.fn<ChannelPorts<RoomDelta>['build']>((position, isConfirmed) =>
      isConfirmed && position === room.newest
        ? undefined
        : ({ fromPosition: position, position: room.newest } as RoomDelta),
    ),
    send: (delta: RoomDelta) => {
      sent.push(delta);
      return answer(delta);
    },
    onApplied: () => false,
    onFailure: vi.fn<ChannelPorts<RoomDelta>['onFailure']>(),
  };
  return { room, sent, ports, channel: new FollowerChannel(0, ports) };
}

test('what comes while a delta is in flight goes together in the next', async () => {
  const answers: ((result: DeltaResult) => void)[] = [];
  const { room, sent, channel } = makeChannel(() => new Promise((resolve) => answers.push(resolve)));
  for (room.newest = 1; room.newest < 4; room.newest += 1) void channel.wake();
  expect(sent.map(({ position }) => position)).toEqual([1]);
  answers.shift()?.({ kind: 'applied' });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toMatchObject({ fromPosition: 1, position: 4 });
  answers.shift()?.({ kind: 'applied' });
  await channel.settled();
  expect(channel.isBusy).toBe(false);
});

test('a wake at any moment of the end of the last delivery is not lost', async () => {
  for (let ticks = 0; ticks < 12; ticks += 1) {
    const { room, channel } = makeChannel(async () => ({ kind: 'applied' }));
    room.newest = 1;
    void channel.wake();
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    room.newest = 2;
    await channel.wake();
    expect(channel.position).toBe(2);
  }
});

test('a gap sends from where the follower is; gap after gap ends in a snapshot, then in a failure', async () => {
  const { room, ports, channel } = makeChannel(async () => ({ kind: 'gap', position: 7 }));
  room.newest = 9;
  await channel.wake();
  expect(ports.build.mock.calls.map(([position, , , force]) => [position, force])).toEqual([
    [0, false],
    [7, false],
    [7, false],
    [7, false],
    [7, true],
  ]);
  expect(ports.onFailure).toHaveBeenCalledTimes(1);
  expect(channel.isBusy).toBe(true);
});

test('receipts and typing that could not be told go with the next delta, in order', async () => {
  let fails = true;
  const { room, ports, channel } = makeChannel(async () => {
    if (fails) throw new Error('down');
    return { kind: 'applied' };
  });
  room.newest = 1;
  const receipt = (eventId: string) => ({ eventId }) as never;
  channel.add({ receipts: [receipt('$1')], typing: true });
  await channel.wake();
  expect(channel.failures).toBe(1);
  fails = false;
  channel.add({ receipts: [receipt('$2')] });
  await channel.wake();
  expect(ports.build.mock.lastCall?.[2]).toMatchObject({
    typing: true,
    receipts: [receipt('$1'), receipt('$2')],
  });
  expect(channel.failures).toBe(0);
});

test('a failure that cannot even be noted does not end the deliveries', async () => {
  const answer = vi.fn(async (): Promise<DeltaResult> => ({ kind: 'applied' }));
  const { room, ports, channel } = makeChannel(answer);
  answer.mockRejectedValueOnce(new Error('away'));
  ports.onFailure.mockImplementationOnce(() => {
    throw new Error('no storage');
  });
  room.newest = 1;
  await expect(channel.wake()).rejects.toThrow('no storage');
  await channel.wake();
  expect(channel.position).toBe(1);
});
