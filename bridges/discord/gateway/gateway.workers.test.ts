import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { GatewayOpcodes } from 'discord-api-types/v10';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openBridge } from '../../core/bridge.ts';
import { discordConnector } from '../discord-connector.ts';
import {
  type DiscordBridge,
  discordEnv,
  gatewayStub,
  loginId,
  portalStub,
  roomReady,
  runCron,
  startDiscordBridge,
  until,
} from '../testing/discord-bridge.ts';
import { applicationId, channelId, guildCreate, guildId } from '../testing/fake-discord.ts';

let bridge: DiscordBridge;
let roomId = '';

beforeAll(async () => {
  bridge = await startDiscordBridge();
  roomId = await roomReady();
});

afterEach(() => {
  bridge.discord.before = () => undefined;
  bridge.gateway.acknowledges = true;
});

/** Somebody writes, and the gateway tells. */
function say(content: string) {
  const message = bridge.discord.post(content);
  return { message, dispatch: { ...message, guild_id: guildId } };
}
const told = (content: string) => bridge.gateway.dispatch('MESSAGE_CREATE', say(content).dispatch);
const arrived = (...bodies: string[]) =>
  until(() => {
    const timeline = bridge.homeserver.timeline(roomId).map((line) => line.replace(/^[^ ]+ /, ''));
    expect(timeline.filter((body) => bodies.includes(body))).toEqual(bodies);
  });
const resumes = () => bridge.gateway.sentBy(GatewayOpcodes.Resume);
const identifies = () => bridge.gateway.sentBy(GatewayOpcodes.Identify);

/** So much later, by the alarm. */
async function later(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(gatewayStub());
}

/** The object ends as by an eviction or a deployment, its socket with it. */
async function goAway(): Promise<void> {
  await runInDurableObject(gatewayStub(), (_, state) => state.abort('gone')).catch(() => undefined);
}

const connection = async () => (await gatewayStub().status()).connection;

/** The connection ends, and is up again when its alarms’ time has come. */
async function reconnected(): Promise<void> {
  await until(async () => expect(await connection()).not.toBe('live'));
  await until(async () => {
    if ((await connection()) === 'waiting') await later(10_000);
    expect(await connection()).toBe('live');
  });
}

test('the login identifies once, with its intents, and the channel gets its room in the guild’s space', async () => {
  expect(identifies()).toHaveLength(1);
  expect(identifies()[0]?.d.intents).toBe(1 | (1 << 9) | (1 << 10) | (1 << 15));
  const names = bridge.homeserver.events
    .filter(({ type }) => type === 'm.room.name')
    .map(({ content }) => content.name);
  expect(names).toEqual(['Garden', 'lobby']);
});

test('a dispatch that is delivered twice becomes one event', async () => {
  const { dispatch } = say('twice');
  await bridge.gateway.dispatch('MESSAGE_CREATE', dispatch);
  await bridge.gateway.dispatch('MESSAGE_CREATE', dispatch);
  await told('after twice');
  await arrived('twice', 'after twice');
});

test('a lost socket is resumed from the last accepted dispatch', async () => {
  const before = { resumes: resumes().length, identifies: identifies().length };
  const seq = await told('before the loss');
  await arrived('before the loss');
  await bridge.gateway.close(4000);
  bridge.gateway.missed('MESSAGE_CREATE', say('during the loss').dispatch);
  await reconnected();
  await arrived('before the loss', 'during the loss');
  expect(resumes()).toHaveLength(before.resumes + 1);
  expect(resumes().at(-1)?.d).toMatchObject({ seq, session_id: 'session1' });
  expect(identifies()).toHaveLength(before.identifies);
});

test('op 7 is followed by a resume', async () => {
  const before = resumes().length;
  await bridge.gateway.send({ op: GatewayOpcodes.Reconnect, d: null });
  await reconnected();
  expect(resumes()).toHaveLength(before + 1);
  await told('after op 7');
  await arrived('after op 7');
});

test('a heartbeat that nobody acknowledges ends the connection, and the session goes on', async () => {
  const before = resumes().length;
  bridge.gateway.acknowledges = false;
  await later(41_250);
  await until(() => expect(bridge.gateway.received.at(-1)?.op).toBe(GatewayOpcodes.Heartbeat));
  await later(41_250);
  bridge.gateway.acknowledges = true;
  await reconnected();
  expect(resumes()).toHaveLength(before + 1);
});

test('an object that was evicted resumes by its alarm', async () => {
  const before = { resumes: resumes().length, identifies: identifies().length };
  const seq = await told('before eviction');
  await arrived('before eviction');
  await goAway();
  bridge.gateway.missed('MESSAGE_CREATE', say('while evicted').dispatch);
  await later(60_000);
  await arrived('before eviction', 'while evicted');
  expect(resumes()).toHaveLength(before.resumes + 1);
  expect(resumes().at(-1)?.d.seq).toBe(seq);
  expect(identifies()).toHaveLength(before.identifies);
});

test('an object that was evicted resumes by the clock, should the alarm be gone', async () => {
  const before = resumes().length;
  await runInDurableObject(gatewayStub(), (_, state) => state.storage.deleteAlarm());
  await goAway();
  await runCron();
  await until(() => expect(resumes()).toHaveLength(before + 1));
  expect(await runInDurableObject(gatewayStub(), (_, state) => state.storage.getAlarm())).not.toBeNull();
});

test('what portals did not accept is told again', async () => {
  const before = resumes().length;
  let refusals = 1;
  const proto = await runInDurableObject(portalStub(), (portal) => Object.getPrototypeOf(portal));
  const enqueue = vi.spyOn(proto, 'enqueueRemote').mockImplementation(() => {
    if (refusals-- > 0) throw new Error('overloaded');
    return undefined as never;
  });
  const seq = await told('refused at first');
  await until(() => expect(enqueue).toHaveBeenCalled());
  enqueue.mockRestore();
  await reconnected();
  await arrived('refused at first');
  expect(
    resumes()
      .slice(before)
      .map((frame) => frame.d.seq),
  ).toEqual([seq - 1]);
});

test('messages of channels that are not bridged are passed over', async () => {
  await bridge.gateway.dispatch('MESSAGE_CREATE', {
    ...say('elsewhere').dispatch,
    channel_id: '999999999999999999',
  });
  await told('after elsewhere');
  await arrived('after elsewhere');
});

test('B2: our own posts by webhook are no news, those of other webhooks are', async () => {
  const author = { id: '500000000000000001', username: 'A Bot\u202e' };
  const hook = { author, webhook_id: author.id };
  await bridge.gateway.dispatch('MESSAGE_CREATE', {
    ...say('ours').dispatch,
    ...hook,
    application_id: applicationId,
  });
  await bridge.gateway.dispatch('MESSAGE_CREATE', { ...say('theirs').dispatch, ...hook });
  await arrived('theirs');
  expect(bridge.homeserver.timeline(roomId).join()).not.toContain(': ours');
  const event = bridge.homeserver.events.find(({ content }) => content.body === 'theirs');
  expect(event?.content['com.beeper.per_message_profile']).toMatchObject({ displayname: 'A Bot' });
});

test('a Discord that cannot be reached for minutes degrades the login until it can', async () => {
  const { logins } = openBridge(discordEnv, discordConnector);
  await later(41_250);
  await until(async () => expect((await gatewayStub().status()).lastAckMs).toBe(Date.now()));
  bridge.discord.before = (operation) => (operation.startsWith('socket') ? 'cut' : undefined);
  await bridge.gateway.close(4000);
  await until(async () => expect((await gatewayStub().status()).connection).toBe('waiting'));
  await runCron();
  expect((await logins.get(loginId))?.state).toBe('connected');
  vi.setSystemTime(Date.now() + 240_000);
  await runCron();
  expect((await logins.get(loginId))?.state).toBe('degraded');
  bridge.discord.before = () => undefined;
  await reconnected();
  await runCron();
  expect((await logins.get(loginId))?.state).toBe('connected');
});

test('when the session is lost, what was missed comes first, all of it and once', async () => {
  const before = identifies().length;
  await told('last seen');
  await arrived('last seen');
  bridge.gateway.forgetSession();
  const missed = Array.from({ length: 150 }, (_, n) => say(`missed ${n}`).message);
  bridge.gateway.afterReady = [guildCreate({ last_message_id: missed.at(-1)?.id ?? '' })];
  await bridge.gateway.close(4000);
  await later(10_000);
  await until(async () => expect((await gatewayStub().status()).connection).toBe('waiting'));
  await reconnected();
  expect(identifies()).toHaveLength(before + 1);
  await until(async () => expect((await gatewayStub().status()).behind).toBe(1));
  await told('live again');
  await runCron();
  expect((await gatewayStub().status()).behind).toBe(0);
  await arrived('last seen', ...missed.map(({ content }) => content), 'live again');
  await told('and on');
  await arrived('and on');
});

test('a channel that the bot may not see gets no room', async () => {
  const hidden = '300000000000000009';
  const overwrites = [{ id: guildId, type: 0, allow: '0', deny: '1024' }];
  await bridge.gateway.dispatch('CHANNEL_CREATE', {
    ...(guildCreate().d.channels as object[])[0],
    id: hidden,
    name: 'hidden',
    permission_overwrites: overwrites,
  });
  await told('after hidden');
  await arrived('after hidden');
  expect((await gatewayStub().status()).channels).toBe(1);
  expect(bridge.discord.callsTo(new RegExp(hidden))).toEqual([]);
});

test('an intent that is switched off stops it, and the owner is told why', async () => {
  await bridge.gateway.close(4014);
  const { logins } = openBridge(discordEnv, discordConnector);
  await until(async () => expect((await logins.get(loginId))?.state).toBe('bad_credentials'));
  expect((await logins.get(loginId))?.stateReason).toContain('Message Content Intent');
  expect(await gatewayStub().status()).toMatchObject({ connection: 'stopped', stopCode: 4014 });
  await until(() =>
    expect(bridge.homeserver.events.some(({ content }) => String(content.body).includes('4014'))).toBe(true),
  );
  const before = bridge.gateway.received.length;
  await runCron();
  await later(3_600_000);
  expect(bridge.gateway.received).toHaveLength(before);
});

test('logging in again connects again', async () => {
  const login = await openBridge(discordEnv, discordConnector).logins.get(loginId);
  if (login) await discordConnector.onLogin(discordEnv, login);
  await reconnected();
  const { logins } = openBridge(discordEnv, discordConnector);
  await until(async () => expect((await logins.get(loginId))?.state).toBe('connected'));
  await told('back again');
  await arrived('back again');
  expect(channelId).toBe('300000000000000001');
});
