import { setTimeout as pause } from 'node:timers/promises';
import type { RoomId } from '../../matrix/identifiers.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { CertificateAuthority } from '../../test/harness/federation/certificates.ts';
import { startFederatedRoost } from '../../test/harness/federation/federated-roost.ts';
import { FederationServer } from '../../test/harness/federation/federation-server.ts';
import { FederationSide } from '../lib/federation-side.ts';
import { installSynapse, SynapseProcess } from '../lib/synapse-process.ts';
import { HostedRoom } from './hosted-room.ts';
import { PeerRoom, type Target } from './peer-room.ts';
import { median, type Targets } from './targets.ts';

export interface FederationSizes {
  rooms: number;
  /** Transactions of a round, each of 50 events. */
  transactions: number;
  destinations: number;
  /** Messages that all destinations have to hear. */
  messages: number;
  rounds: number;
}

interface Measured extends Target {
  name: string;
  owner: FederationSide;
  rooms: PeerRoom[];
  stopAndRemove(): Promise<void>;
}

const pdusPerTransaction = 50;

/**
 * What other servers and this one are to each other, over the network, beside Synapse where that is installed: rounds
 * alternate, so that whatever else the machine does troubles both alike.
 */
export async function measureFederation(targets: Targets, sizes: FederationSizes): Promise<void> {
  const ca = new CertificateAuthority();
  const peer = await FederationServer.start({ ca });
  peer.on('PUT', '/_matrix/federation/v1/send/*', { json: { pdus: {} } });
  const measured = await startAll(ca);
  try {
    for (const one of measured) await fill(one, peer, sizes.rooms);
    for (const [name, rooms] of [
      ['one room', 1],
      [`${sizes.rooms} rooms`, sizes.rooms],
    ] as const) {
      const rates = await rounds(measured, sizes.rounds, (one) =>
        inboundRate(one, peer, one.rooms.slice(0, rooms), sizes.transactions),
      );
      tell(targets, `events of another server into ${name}, 50 a transaction`, ' a second', rates);
    }
    const reached: Outside[] = [];
    for (const one of measured) reached.push(await destinationsOf(ca, one, sizes.destinations));
    const times = await rounds(measured, sizes.rounds, (one) => {
      const outside = reached[measured.indexOf(one)];
      if (!outside) throw new Error(`nobody hears ${one.name}`);
      return outboundMs(one, outside, sizes.messages);
    });
    const what = `${sizes.messages} messages until each of ${sizes.destinations} servers has all`;
    tell(targets, what, ' ms', times);
    await Promise.all(reached.flatMap(({ servers }) => servers.map((server) => server.stop())));
  } finally {
    await Promise.all(measured.map((one) => one.stopAndRemove()));
    await peer.stop();
  }
}

async function startAll(ca: CertificateAuthority): Promise<Measured[]> {
  const roost = await startFederatedRoost({ ca });
  const missing = installSynapse();
  if (missing) console.log(`\nnot beside Synapse: ${missing}\n`);
  const synapse = missing ? [] : [await SynapseProcess.start(ca)];
  const started = [{ name: 'Roost', ...roost }, ...synapse.map((one) => synapseTarget(one))];
  return Promise.all(
    started.map(async ({ name, url, serverName, stopAndRemove }) => ({
      name,
      url,
      serverName,
      stopAndRemove,
      rooms: [],
      owner: await FederationSide.register(url, serverName, 'owner'),
    })),
  );
}

function synapseTarget(synapse: SynapseProcess) {
  const { url, serverName } = synapse;
  return { name: 'Synapse', url, serverName, stopAndRemove: () => synapse.stopAndRemove() };
}

async function fill(one: Measured, peer: FederationServer, rooms: number): Promise<void> {
  for (let count = 0; count < rooms; count += 1) {
    const roomId = await one.owner.createRoom({ room_version: '11', preset: 'public_chat' });
    one.rooms.push(await PeerRoom.join(one, peer, roomId as RoomId));
  }
}

/** Each in turns, the order changing. @returns by name what each gave */
async function rounds(
  measured: readonly Measured[],
  count: number,
  measure: (one: Measured) => Promise<number>,
): Promise<Map<string, number[]>> {
  const results = new Map(measured.map(({ name }) => [name, [] as number[]]));
  // The first is to warm up.
  for (let round = 0; round <= count; round += 1) {
    const order = round % 2 === 0 ? measured : measured.toReversed();
    for (const one of order) {
      const result = await measure(one);
      if (round > 0) results.get(one.name)?.push(result);
    }
  }
  return results;
}

function tell(targets: Targets, what: string, unit: string, results: ReadonlyMap<string, number[]>): void {
  for (const [name, figures] of results) targets.note(`${name}: ${what}`, median(figures), unit);
  const [own, other] = ['Roost', 'Synapse'].map((name) => results.get(name));
  if (!own || !other) return;
  const ratios = own.map((figure, round) => figure / (other[round] ?? Number.NaN));
  if (unit === ' ms') targets.note('the same, Roost to Synapse', median(ratios), ' times');
  else targets.atLeast('the same, Roost to Synapse', median(ratios), ' times', 2);
}

let transactions = 0;

/**
 * Events a second, until a local user can read the last of each room. One transaction after another: of more than a hundred
 * events that it has answered for and not taken in, Synapse forgets some.
 */
async function inboundRate(
  one: Measured,
  peer: FederationServer,
  rooms: readonly PeerRoom[],
  count: number,
): Promise<number> {
  const bodies = Array.from({ length: count }, () => transactionInto(rooms, peer));
  const startMs = performance.now();
  for (const { pdus, last } of bodies) {
    transactions += 1;
    const path = `/_matrix/federation/v1/send/${transactions}`;
    const content = { origin: peer.name, origin_server_ts: Date.now(), pdus, edus: [] };
    const { status, body: answer } = await peer.send(one, 'PUT', path, content);
    const errors = Object.values((answer.pdus ?? {}) as JsonObject).filter(
      (result) => Object.keys(result as JsonObject).length > 0,
    );
    if (status !== 200 || errors.length > 0) throw new Error(`${one.name}: ${JSON.stringify(answer)}`);
    await Promise.all([...last].map(([room, eventId]) => isThere(one, room.roomId, eventId)));
  }
  return (count * pdusPerTransaction * 1000) / (performance.now() - startMs);
}

function transactionInto(rooms: readonly PeerRoom[], peer: FederationServer) {
  const last = new Map<PeerRoom, string>();
  const pdus = Array.from({ length: pdusPerTransaction }, (_, index) => {
    const room = rooms[index % rooms.length] as PeerRoom;
    const { pdu, eventId } = room.message(
      `A message of ordinary length, as people write them, of ${peer.name}`,
    );
    last.set(room, eventId);
    return pdu;
  });
  return { pdus, last };
}

/** Synapse takes events in after it has answered. */
async function isThere({ owner, name }: Measured, roomId: string, eventId: string): Promise<void> {
  const path = `v3/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`;
  for (let tries = 0; tries < 6_000; tries += 1) {
    const found = await owner.call('GET', path).catch(() => undefined);
    if (found) return;
    await pause(10);
  }
  throw new Error(`${name} never had ${eventId}`);
}

interface Outside {
  roomId: string;
  servers: FederationServer[];
}

async function destinationsOf(ca: CertificateAuthority, one: Measured, count: number): Promise<Outside> {
  const servers: FederationServer[] = [];
  for (let index = 0; index < count; index += 1) {
    const server = await FederationServer.start({ ca });
    server.on('PUT', '/_matrix/federation/v1/send/*', { json: { pdus: {} } });
    servers.push(server);
  }
  const { roomId, host } = new HostedRoom(servers);
  await one.owner.join(roomId, host.name);
  return { roomId, servers };
}

async function outboundMs(one: Measured, { roomId, servers }: Outside, messages: number): Promise<number> {
  const startMs = performance.now();
  const sent: string[] = [];
  for (let count = 0; count < messages; count += 1)
    sent.push(await one.owner.say(roomId, `message ${count}`));
  const body = `message ${messages - 1}`;
  const hasAll = ({ received }: FederationServer) =>
    received
      .flatMap((request) => (request.body.pdus ?? []) as JsonObject[])
      .some((pdu) => (pdu.content as JsonObject).body === body);
  while (!servers.every(hasAll)) await pause(5);
  for (const server of servers) server.received.length = 0;
  return performance.now() - startMs;
}
