import { CertificateAuthority } from '../test/harness/federation/certificates.ts';
import { startFederatedRoost } from '../test/harness/federation/federated-roost.ts';
import { waitFor } from '../test/harness/wait-for.ts';
import vectors from '../test/vectors/pictures.json' with { type: 'json' };
import { report } from './lib/checks.ts';
import { talkEncrypted } from './lib/federation-encrypted.ts';
import { ageOutagesOfRoost, ageOutagesOfSynapse, hasNotedOutage } from './lib/federation-outage.ts';
import { agree, banAndForgive, changeProfile, sharePicture, upgrade } from './lib/federation-scenarios.ts';
import { FederationSide } from './lib/federation-side.ts';
import { installSynapse, SynapseProcess } from './lib/synapse-process.ts';

/**
 * `node scripts/federate-synapse.ts [filter]`: Roost and Synapse as two servers of a network, over TLS on this machine. Needs
 * python3 and PyPI; about 300 MB in `.cache/synapse`.
 */
const missing = installSynapse();
if (missing) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
  process.exit();
}

const filter = process.argv[2];
const ca = new CertificateAuthority();
const [roost, synapse] = await Promise.all([startFederatedRoost({ ca }), SynapseProcess.start(ca)]);
const alice = await FederationSide.register(roost.url, roost.serverName, 'alice');
const bob = await FederationSide.register(synapse.url, synapse.serverName, 'bob');
const counts = { passed: 0, failed: 0 };

async function check(name: string, work: () => Promise<void>): Promise<void> {
  if (filter && !name.includes(filter)) return;
  try {
    await work();
    counts.passed += 1;
    console.log(`✓ ${name}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`✗ ${name}\n    ${error instanceof Error ? error.message : String(error)}`);
  }
}

await check('each tells the other a profile', async () => {
  for (const [asking, asked] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await asked.call('PUT', `v3/profile/${encodeURIComponent(asked.userId)}/displayname`, {
      displayname: `Name of ${asked.userId}`,
    });
    const profile = await asking.call('GET', `v3/profile/${encodeURIComponent(asked.userId)}`);
    if (profile.displayname !== `Name of ${asked.userId}`) throw new Error(JSON.stringify(profile));
  }
});

const sides = [
  { host: alice, guest: bob, name: 'Roost' },
  { host: bob, guest: alice, name: 'Synapse' },
];

for (const room_version of ['1', '6', '9', '10', '11', '12']) {
  for (const { host, guest, name } of sides) {
    await check(`a room of ${name}, version ${room_version}: join, talk, topic, leave`, async () => {
      const roomId = await host.createRoom({ room_version, preset: 'public_chat' });
      await host.say(roomId, 'before');
      await guest.join(roomId, host.serverName);
      await host.say(roomId, 'from the host');
      await guest.hears(roomId, 'from the host');
      await guest.say(roomId, 'from the guest');
      await host.hears(roomId, 'from the guest');
      await host.setState(roomId, 'm.room.topic', { topic: 'told to both' });
      await agree(host, guest, roomId);
      await guest.act(roomId, 'leave');
      await host.sees(roomId, guest.userId, 'leave');
    });
  }
}

for (const { host, guest, name } of sides) {
  await check(`${name} invites, and the invitation is accepted; then kicks and bans`, async () => {
    const roomId = await host.createRoom({ preset: 'private_chat' });
    await host.act(roomId, 'invite', { user_id: guest.userId });
    await guest.seesInvitation(roomId);
    await guest.join(roomId, host.serverName);
    await host.sees(roomId, guest.userId, 'join');
    await agree(host, guest, roomId);
    await host.act(roomId, 'kick', { user_id: guest.userId });
    await guest.sees(roomId, guest.userId, 'leave');
    await host.act(roomId, 'ban', { user_id: guest.userId });
    await host.sees(roomId, guest.userId, 'ban');
    const refusal = await guest.join(roomId, host.serverName).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (!refusal?.includes('403')) throw new Error(`joined though banned: ${refusal}`);
  });

  await check(`an invitation of ${name} is declined`, async () => {
    const roomId = await host.createRoom({ preset: 'private_chat' });
    await host.act(roomId, 'invite', { user_id: guest.userId });
    await guest.seesInvitation(roomId);
    await guest.act(roomId, 'leave');
    await host.sees(roomId, guest.userId, 'leave');
  });

  await check(`who knocks at a room of ${name} is let in`, async () => {
    const roomId = await host.createRoom({
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
    });
    const via = host.serverName;
    await guest.call('POST', `v3/knock/${encodeURIComponent(roomId)}?via=${via}&server_name=${via}`, {});
    await host.sees(roomId, guest.userId, 'knock');
    await host.act(roomId, 'invite', { user_id: guest.userId });
    await guest.seesInvitation(roomId);
    await guest.join(roomId, via);
    await agree(host, guest, roomId);
  });

  await check(`members of a space of ${name} may join its restricted room`, async () => {
    const space = await host.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' } });
    const allow = [{ type: 'm.room_membership', room_id: space }];
    const content = { join_rule: 'restricted', allow };
    const roomId = await host.createRoom({
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
    });
    const early = await guest.join(roomId, host.serverName).then(
      () => true,
      () => false,
    );
    if (early) throw new Error('joined without being in the space');
    await guest.join(space, host.serverName);
    await guest.join(roomId, host.serverName);
    await agree(host, guest, roomId);
  });
}

for (const { host, guest, name } of sides) {
  await check(
    `what was said while ${name === 'Roost' ? 'Synapse' : 'Roost'} was away is heard when it is back`,
    async () => {
      const roomId = await host.createRoom({ preset: 'public_chat' });
      await guest.join(roomId, host.serverName);
      await guest.say(roomId, 'before');
      await host.hears(roomId, 'before');
      await (guest === alice ? roost.roost.stop() : synapse.stop());
      const bodies = Array.from({ length: 5 }, (_, index) => `while away ${index}`);
      for (const body of bodies) await host.say(roomId, body);
      await (guest === alice ? roost.roost.start() : synapse.restart());
      await guest.say(roomId, 'back again');
      await host.hears(roomId, 'back again');
      await host.say(roomId, 'welcome back');
      await guest.hears(roomId, ...bodies, 'welcome back');
      await agree(host, guest, roomId, 'forked');
    },
  );
}

for (const { host, guest, name } of sides) {
  await check(`a room of ${name} is upgraded, and both follow`, async () => {
    for (const roomId of await upgrade(host, guest)) await agree(host, guest, roomId);
  });
  await check(`a picture at ${name} is fetched from there, and made small`, async () => {
    for (const { contentType, base64 } of vectors.pictures) {
      await sharePicture(host, guest, Buffer.from(base64, 'base64'), contentType);
    }
  });
  await check(`a new name and picture of a guest stand in the room of ${name}`, async () => {
    await agree(host, guest, await changeProfile(host, guest));
  });
  await check(`who was banned by ${name} comes back when that is over`, async () => {
    await agree(host, guest, await banAndForgive(host, guest));
  });
  await check(`after a day without the guest, a room of ${name} is the same on both`, () =>
    outage(host, guest),
  );
}

/** The server of the guest is away, for a day as far as the other one knows; meanwhile more happens than is kept for it. */
async function outage(host: FederationSide, guest: FederationSide): Promise<void> {
  const other = await FederationSide.register(
    host === alice ? roost.url : synapse.url,
    host.serverName,
    `late-${host === alice ? 'a' : 'b'}`,
  );
  const roomId = await host.createRoom({ preset: 'public_chat' });
  await guest.join(roomId, host.serverName);
  await guest.say(roomId, 'before');
  await host.hears(roomId, 'before');
  await (guest === alice ? roost.roost.stop() : synapse.stop());
  for (let index = 0; index < 30; index += 1) await host.say(roomId, `first ${index}`);
  await startedADayAgo(host);
  await other.join(roomId, host.serverName);
  for (let index = 0; index < 60; index += 1) await other.say(roomId, `then ${index}`);
  await host.setState(roomId, 'm.room.topic', { topic: 'while you were away' });
  await (guest === alice ? roost.roost.start() : synapse.restart());
  await guest.say(roomId, 'back again');
  await host.hears(roomId, 'back again');
  await host.say(roomId, 'welcome back');
  await guest.hears(roomId, 'welcome back', 'first 0', 'then 0', 'then 59');
  await agree(host, guest, roomId, 'forked');
}

async function startedADayAgo(host: FederationSide): Promise<void> {
  if (host === bob) await waitFor('the outage at Synapse', () => hasNotedOutage(synapse.databaseFile));
  await (host === alice ? roost.roost.stop() : synapse.stop());
  const aged =
    host === alice ? ageOutagesOfRoost(roost.roost.dataDir) : ageOutagesOfSynapse(synapse.databaseFile);
  await (host === alice ? roost.roost.start() : synapse.restart());
  if (aged === 0) throw new Error('no outage was noted');
}

for (const [name, host, guest] of [
  ['Roost', roost.url, synapse.url],
  ['Synapse', synapse.url, roost.url],
] as const) {
  await check(
    `encrypted messages in a room of ${name} are read by all, also by a device that comes later`,
    () => talkEncrypted(host, guest),
  );
}

for (const { host, guest, name } of sides) {
  await check(`in a room of ${name} each sees the other type and read`, async () => {
    const roomId = await host.createRoom({ preset: 'public_chat' });
    await guest.join(roomId, host.serverName);
    const eventId = await host.say(roomId, 'to be read');
    await guest.hears(roomId, 'to be read');
    await guest.types(roomId);
    await host.seesTyping(roomId, guest.userId);
    await guest.act(roomId, `receipt/m.read/${encodeURIComponent(eventId)}`);
    await host.seesReceipt(roomId, eventId, guest.userId);
  });
}

await Promise.all([roost.stopAndRemove(), synapse.stopAndRemove()]);
report([counts]);
process.exit();
