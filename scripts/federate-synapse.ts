import { isDeepStrictEqual } from 'node:util';
import { CertificateAuthority } from '../test/harness/federation/certificates.ts';
import { startFederatedRoost } from '../test/harness/federation/federated-roost.ts';
import { waitFor } from '../test/harness/wait-for.ts';
import { report } from './lib/checks.ts';
import { talkEncrypted } from './lib/federation-encrypted.ts';
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

/** Both servers know the same state and have heard the same. */
async function agree(roomId: string): Promise<void> {
  await waitFor('the same state on both servers', async () =>
    isDeepStrictEqual(await alice.state(roomId), await bob.state(roomId)),
  );
  await waitFor('the same messages on both servers', async () => {
    const [here, there] = await Promise.all([alice.messages(roomId), bob.messages(roomId)]);
    return isDeepStrictEqual(here.toSorted(), there.toSorted());
  });
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
      await agree(roomId);
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
    await agree(roomId);
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
    await agree(roomId);
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
    await agree(roomId);
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
      await agree(roomId);
    },
  );
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
