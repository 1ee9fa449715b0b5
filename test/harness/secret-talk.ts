import { EventType, type MatrixClient, type MatrixEvent, MsgType, Preset } from 'matrix-js-sdk';
import { waitForEvent } from './matrix-client.ts';
import { waitFor } from './wait-for.ts';

export interface SecretTalk {
  roomId: string;
  say(client: MatrixClient, body: string): Promise<unknown>;
  /** Waits until the client has it, and could decrypt it. */
  sees(client: MatrixClient, body: string): Promise<MatrixEvent>;
}

/** Two people with identities of their own for cross-signing, in an encrypted room that one invited the other to. */
export async function startSecretTalk(one: MatrixClient, other: MatrixClient): Promise<SecretTalk> {
  for (const client of [one, other]) {
    await client.getCrypto()?.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (makeRequest) => {
        await makeRequest(null);
      },
    });
  }
  const invited = other.getSafeUserId();
  const { room_id: roomId } = await one.createRoom({
    preset: Preset.TrustedPrivateChat,
    invite: [invited],
    is_direct: true,
    initial_state: [
      { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  await waitFor('the invitation', () => other.getRoom(roomId)?.getMyMembership() === 'invite');
  await other.joinRoom(roomId);
  await waitFor('the join', () => one.getRoom(roomId)?.getMember(invited)?.membership === 'join');
  return {
    roomId,
    say: (client, body) => client.sendMessage(roomId, { msgtype: MsgType.Text, body }),
    sees: (client, body) =>
      waitForEvent(client, roomId, (event) => event.getContent().body === body && event.isEncrypted()),
  };
}
