import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type KeysClaimRequest,
  matrixCrypto,
  type OlmMachine,
  type ToDeviceRequest,
} from './matrix-crypto.ts';
import { matrixFetch } from './matrix-fetch.ts';

const {
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  RequestType,
  RoomId,
  TrustRequirement,
  UserId,
} = matrixCrypto;

type Json = Record<string, unknown>;
type ByDevice<T> = Record<string, Record<string, T>>;

/** A transaction as it comes over the wire. */
export interface WireTransaction {
  events: Json[];
  'de.sorunome.msc2409.to_device'?: Json[];
  'org.matrix.msc3202.device_lists'?: { changed: string[]; left: string[] };
  'org.matrix.msc3202.device_one_time_keys_count'?: ByDevice<Record<string, number>>;
  'org.matrix.msc3202.device_unused_fallback_key_types'?: ByDevice<string[]>;
}

/**
 * Somebody else's bridge that encrypts (MSC4190, MSC3202): an application service whose bot has a device without
 * having logged in, and the cryptography of Element's clients.
 */
export class EncryptingBridge {
  static readonly asToken = 'herons-as-token-herons-as-token';
  readonly userId: string;
  readonly deviceId = 'BRIDGE';
  readonly appserviceDir = mkdtempSync(path.join(tmpdir(), 'roost-bridge-'));
  readonly transactions: WireTransaction[] = [];
  /** Decrypted content of messages. */
  readonly read: Json[] = [];
  /** What went wrong with a transaction. */
  readonly failures: unknown[] = [];
  readonly #http: Server;
  #url = '';
  #machine: OlmMachine | undefined;
  /** As told last. */
  #counts: Record<string, number> = {};
  #work: Promise<void> = Promise.resolve();

  private constructor(serverName: string) {
    this.userId = `@heronsbot:${serverName}`;
    this.#http = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as WireTransaction;
      if (request.url?.includes('/transactions/')) this.#take(body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }

  static async start(serverName: string): Promise<EncryptingBridge> {
    await matrixCrypto.initAsync();
    const bridge = new EncryptingBridge(serverName);
    await new Promise<void>((resolve) => bridge.#http.listen(0, '127.0.0.1', resolve));
    const { port } = bridge.#http.address() as AddressInfo;
    const registration = {
      id: 'herons',
      url: `http://127.0.0.1:${port}`,
      as_token: EncryptingBridge.asToken,
      hs_token: 'herons-hs-token-herons-hs-token',
      sender_localpart: 'heronsbot',
      rate_limited: false,
      receive_ephemeral: true,
      'org.matrix.msc3202': true,
      'io.element.msc4190': true,
      namespaces: { users: [{ regex: `@heron_.*:${serverName}`, exclusive: true }], aliases: [], rooms: [] },
    };
    writeFileSync(path.join(bridge.appserviceDir, 'herons.yaml'), JSON.stringify(registration));
    return bridge;
  }

  stop(): void {
    this.#http.close();
    this.#machine?.close();
    rmSync(this.appserviceDir, { recursive: true, force: true });
  }

  /** Makes its device on this server, with keys. */
  async connect(url: string): Promise<void> {
    this.#url = url;
    const made = await this.request(
      'PUT',
      `v3/devices/${this.deviceId}`,
      { display_name: 'Heron bridge' },
      '',
    );
    if (made.status !== 201) throw new Error(`the device was not made: ${made.status}`);
    this.#machine = await matrixCrypto.OlmMachine.initialize(
      new UserId(this.userId),
      new DeviceId(this.deviceId),
    );
    await this.#sendOutgoing();
  }

  async request(method: string, endpoint: string, body?: Json | string, device = this.deviceId) {
    const query = device === '' ? '' : `?device_id=${device}`;
    const response = await matrixFetch(`${this.#url}/_matrix/client/${endpoint}${query}`, {
      method,
      headers: { authorization: `Bearer ${EncryptingBridge.asToken}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** Sends a message that only the devices of `members` can read. */
  async say(roomId: string, members: string[], body: string): Promise<void> {
    const machine = this.#olm;
    const room = new RoomId(roomId);
    const users = () => members.map((member) => new UserId(member));
    await machine.updateTrackedUsers(users());
    await this.#sendOutgoing();
    const claim = await machine.getMissingSessions(users());
    if (claim) await this.#send(claim);
    for (const request of await machine.shareRoomKey(room, users(), new EncryptionSettings())) {
      await this.#send(request);
    }
    const content = await machine.encryptRoomEvent(
      room,
      'm.room.message',
      JSON.stringify({ msgtype: 'm.text', body }),
    );
    const target = `v3/rooms/${encodeURIComponent(roomId)}/send/m.room.encrypted/${randomUUID()}`;
    const sent = await this.request('PUT', target, content);
    if (sent.status !== 200) throw new Error(`not sent: ${sent.status} ${sent.text}`);
  }

  /** In order, as they come. */
  #take(transaction: WireTransaction): void {
    this.transactions.push(transaction);
    this.#work = this.#work
      .then(() => this.#handle(transaction))
      .catch((error: unknown) => void this.failures.push(error));
  }

  async #handle(transaction: WireTransaction): Promise<void> {
    const lists = transaction['org.matrix.msc3202.device_lists'] ?? { changed: [], left: [] };
    const counts =
      transaction['org.matrix.msc3202.device_one_time_keys_count']?.[this.userId]?.[this.deviceId];
    if (counts) this.#counts = counts;
    const types =
      transaction['org.matrix.msc3202.device_unused_fallback_key_types']?.[this.userId]?.[this.deviceId];
    const users = (ids: string[]) => ids.map((id) => new UserId(id));
    const trust = () => new DecryptionSettings(TrustRequirement.Untrusted);
    const events = transaction['de.sorunome.msc2409.to_device'] ?? [];
    await this.#olm.receiveSyncChanges(
      // What a client's sync does not have.
      JSON.stringify(events.map(({ to_user_id: _, to_device_id: __, ...event }) => event)),
      new DeviceLists(users(lists.changed), users(lists.left)),
      new Map(Object.entries(this.#counts)),
      types && new Set(types),
      trust(),
    );
    await this.#sendOutgoing();
    for (const event of transaction.events) {
      if (event.type !== 'm.room.encrypted' || event.sender === this.userId) continue;
      const room = new RoomId(String(event.room_id));
      const decrypted = await this.#olm.decryptRoomEvent(JSON.stringify(event), room, trust());
      this.read.push((JSON.parse(decrypted.event) as { content: Json }).content);
    }
  }

  async #sendOutgoing(): Promise<void> {
    for (const request of await this.#olm.outgoingRequests()) await this.#send(request as ToDeviceRequest);
  }

  async #send(request: KeysClaimRequest | ToDeviceRequest): Promise<void> {
    const endpoints: Record<number, [string, string]> = {
      [RequestType.KeysUpload]: ['POST', 'v3/keys/upload'],
      [RequestType.KeysQuery]: ['POST', 'v3/keys/query'],
      [RequestType.KeysClaim]: ['POST', 'v3/keys/claim'],
      [RequestType.SignatureUpload]: ['POST', 'v3/keys/signatures/upload'],
    };
    const [method, endpoint] = endpoints[request.type] ?? ['PUT', toDevicePath(request as ToDeviceRequest)];
    const { status, text } = await this.request(method, endpoint, request.body);
    if (status !== 200) throw new Error(`${endpoint}: ${status} ${text}`);
    await this.#olm.markRequestAsSent(request.id, request.type, text);
  }

  get #olm(): OlmMachine {
    if (!this.#machine) throw new Error('not connected');
    return this.#machine;
  }
}

function toDevicePath({ event_type: type, txn_id: txnId }: ToDeviceRequest): string {
  return `v3/sendToDevice/${encodeURIComponent(type)}/${encodeURIComponent(txnId)}`;
}
