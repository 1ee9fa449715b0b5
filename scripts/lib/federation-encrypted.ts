import { EventType, MsgType, Preset } from 'matrix-js-sdk';
import { logIn, register, startClient, waitForEvent } from '../../test/harness/matrix-client.ts';
import { waitFor } from '../../test/harness/wait-for.ts';

type Client = Awaited<ReturnType<typeof startClient>>;

/**
 * Users of two servers talk in an encrypted room by matrix-js-sdk, also with a device that comes later.
 * @param hostUrl of the server that has the room
 * @throws Error with what did not arrive
 */
export async function talkEncrypted(hostUrl: string, guestUrl: string): Promise<void> {
  const [host, guest] = [await register(hostUrl, 'secret-host'), await register(guestUrl, 'secret-guest')];
  const clients: Client[] = [];
  const start = async (url: string, who: typeof host) => {
    const client = await startClient(url, who, { crypto: true });
    clients.push(client);
    return client;
  };
  try {
    const [a, b] = [await start(hostUrl, host), await start(guestUrl, guest)];
    const { room_id: roomId } = await a.createRoom({
      preset: Preset.TrustedPrivateChat,
      invite: [guest.userId],
      initial_state: [
        { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await waitFor('the invitation', () => b.getRoom(roomId)?.getMyMembership() === 'invite');
    await b.joinRoom(roomId);
    await waitFor('the join', () => a.getRoom(roomId)?.getMember(guest.userId)?.membership === 'join');
    const say = (client: Client, body: string) => client.sendMessage(roomId, { msgtype: MsgType.Text, body });
    const sees = (client: Client, body: string) =>
      waitForEvent(client, roomId, (event) => event.getContent().body === body && event.isEncrypted());
    await say(a, 'a secret of the host');
    await sees(b, 'a secret of the host');
    await say(b, 'a secret of the guest');
    await sees(a, 'a secret of the guest');

    const later = await start(guestUrl, await logIn(guestUrl, guest.userId));
    await waitFor('the new device at the host', () => knows(a, guest.userId, later));
    await say(a, 'for the new device, too');
    await Promise.all([sees(b, 'for the new device, too'), sees(later, 'for the new device, too')]);

    const second = await start(hostUrl, await logIn(hostUrl, host.userId));
    await waitFor('the new device at the guest', () => knows(b, host.userId, second));
    await say(b, 'for the new device of the host');
    await Promise.all([a, second].map((client) => sees(client, 'for the new device of the host')));

    await later.logout(true);
    await second.logout(true);
    await waitFor('the end of the devices', async () => {
      const known = [knows(a, guest.userId, later), knows(b, host.userId, second)];
      return (await Promise.all(known)).every((still) => !still);
    });
  } finally {
    for (const client of clients) client.stopClient();
  }
}

async function knows(client: Client, userId: string, device: Client): Promise<boolean> {
  const devices = await client.getCrypto()?.getUserDeviceInfo([userId]);
  return devices?.get(userId)?.has(device.getDeviceId() ?? '') ?? false;
}
