import { type MatrixClient, type MatrixEvent, Preset, type Room, Visibility } from 'matrix-js-sdk';
import {
  api,
  type Credentials,
  newTxnId,
  register,
  startClient,
  waitForEvent,
} from '../../test/harness/matrix-client.ts';

/** What a sent message may hold, as far as it is looked at. */
export interface Sent {
  msgtype?: string;
  body?: string;
  url?: string;
  'm.new_content'?: { body?: string };
  'm.relates_to'?: { rel_type?: string; key?: string };
}

/** The one at the other end, who uses no browser. */
export class Bob {
  readonly #serverUrl: string;
  readonly #account: Credentials;
  readonly #client: MatrixClient;

  private constructor(serverUrl: string, account: Credentials, client: MatrixClient) {
    this.#serverUrl = serverUrl;
    this.#account = account;
    this.#client = client;
  }

  static async arrive(serverUrl: string, password: string): Promise<Bob> {
    const account = await register(serverUrl, 'bob', password);
    const client = await startClient(serverUrl, account, { crypto: true });
    await client.setDisplayName('Bob');
    return new Bob(serverUrl, account, client);
  }

  leave(): void {
    this.#client.stopClient();
  }

  async makeRoom(content: {
    name: string;
    topic?: string;
    encrypted?: boolean;
    public?: boolean;
    version?: string;
    invite?: string;
  }): Promise<string> {
    const { room_id: roomId } = await this.#client.createRoom({
      name: content.name,
      ...(content.topic && { topic: content.topic }),
      ...(content.invite && { invite: [content.invite] }),
      ...(content.version && { room_version: content.version }),
      ...(content.public && { preset: Preset.PublicChat, visibility: Visibility.Public }),
      ...(content.encrypted && {
        initial_state: [
          { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
        ],
      }),
    });
    return roomId;
  }

  /** A space that holds one room. */
  async makeSpace(name: string, roomId: string, invited: string): Promise<string> {
    const { room_id: spaceId } = await this.#client.createRoom({
      name,
      invite: [invited],
      creation_content: { type: 'm.space' },
      initial_state: [{ type: 'm.space.child', state_key: roomId, content: { via: ['localhost'] } }],
    });
    return spaceId;
  }

  room(name: string): Room | undefined {
    return this.#client.getRooms().find((room) => room.name === name);
  }

  /** Unencrypted. @returns the event's id */
  async say(roomId: string, body: string, more: object = {}): Promise<string> {
    const target = `v3/rooms/${roomId}/send/m.room.message/${newTxnId()}`;
    const content = { msgtype: 'm.text', body, ...more };
    const token = this.#account.accessToken;
    return (await api<{ event_id: string }>(this.#serverUrl, token, 'PUT', target, content)).event_id;
  }

  /** Encrypted where the room is. */
  async whisper(roomId: string, body: string): Promise<void> {
    await this.#client.sendTextMessage(roomId, body);
  }

  async type(roomId: string): Promise<void> {
    await this.#client.sendTyping(roomId, true, 20_000);
  }

  /** Waits for an event of `sender`. */
  sees(roomId: string, sender: string, fits: (content: Sent) => boolean): Promise<MatrixEvent> {
    return waitForEvent(
      this.#client,
      roomId,
      (event) => event.getSender() === sender && fits(event.getOriginalContent() as Sent),
    );
  }

  async download(mxcUrl: string): Promise<Buffer> {
    const path = `/_matrix/client/v1/media/download/${mxcUrl.replace('mxc://', '')}`;
    const response = await fetch(`${this.#serverUrl}${path}`, {
      headers: { authorization: `Bearer ${this.#account.accessToken}` },
    });
    return Buffer.from(await response.arrayBuffer());
  }
}
