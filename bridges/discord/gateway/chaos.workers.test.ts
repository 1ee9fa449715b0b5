import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { GatewayOpcodes } from 'discord-api-types/v10';
import { beforeAll, expect, test, vi } from 'vitest';
import {
  type DiscordBridge,
  gatewayStub,
  portalStub,
  roomReady,
  startDiscordBridge,
  until,
} from '../testing/discord-bridge.ts';
import { channelId, type FakeMessage, guildId } from '../testing/fake-discord.ts';

let bridge: DiscordBridge;
let roomId = '';

beforeAll(async () => {
  bridge = await startDiscordBridge();
  roomId = await roomReady();
});

/** Repeatable: the seed is in the test's name. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The minutes until a connection is there again, alarm by alarm. */
async function untilLive(): Promise<void> {
  await until(async () => {
    vi.setSystemTime(Date.now() + 20_000);
    await runDurableObjectAlarm(gatewayStub());
    expect((await gatewayStub().status()).connection).toBe('live');
  });
}

const bodies = () => bridge.homeserver.timeline(roomId).map((line) => line.replace(/^[^ ]+ /, ''));

test.each([1, 2, 3, 4, 5])(
  'seed %d: what is lost, doubled or cut off leaves the room as the channel is',
  async (seed) => {
    const random = randomFrom(seed);
    const before = bodies();
    const there: FakeMessage[] = [];
    let isConnected = true;
    let count = 0;

    const tell = async (t: string, d: object) => {
      const dispatch = { ...d, guild_id: guildId };
      const times = random(4) === 0 ? 2 : 1;
      for (let n = 0; n < times; n++) {
        if (isConnected) await bridge.gateway.dispatch(t, dispatch);
        else bridge.gateway.missed(t, dispatch);
      }
    };
    const disturbances = [
      () => bridge.gateway.close(4000),
      () => bridge.gateway.send({ op: GatewayOpcodes.Reconnect, d: null }),
      () => runInDurableObject(gatewayStub(), (_, state) => state.abort('gone')).catch(() => undefined),
      () => runInDurableObject(portalStub(), (_, state) => state.abort('gone')).catch(() => undefined),
    ];

    for (let step = 0; step < 60; step++) {
      const target = there[random(there.length)];
      const choice = random(10);
      if (choice < 5 || !target) {
        const message = bridge.discord.post(`seed ${seed} message ${++count}`);
        there.push(message);
        await tell('MESSAGE_CREATE', message);
      } else if (choice < 7) {
        target.content = `seed ${seed} edit ${++count}`;
        target.edited_timestamp = new Date(Date.now() + step).toISOString();
        await tell('MESSAGE_UPDATE', target);
      } else if (choice < 8) {
        there.splice(there.indexOf(target), 1);
        await tell('MESSAGE_DELETE', { id: target.id, channel_id: channelId });
      } else if (isConnected) {
        const which = random(disturbances.length);
        await disturbances[which]?.();
        isConnected = which === 3;
      } else {
        await untilLive();
        isConnected = true;
      }
    }
    // Also if no disturbance ended the connection: a portal that did not accept has it told again.
    await until(async () => {
      await untilLive();
      await runDurableObjectAlarm(portalStub());
      expect(bodies()).toEqual([...before, ...there.map(({ content }) => content)]);
    }, 25_000);
    expect((await portalStub().status()).dead).toEqual([]);
  },
  60_000,
);
