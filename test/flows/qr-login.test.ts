import { createClient, type MatrixClient } from 'matrix-js-sdk';
import { OAuth2 } from 'matrix-js-sdk/lib/oauth/index.js';
import {
  linkNewDeviceByGeneratingQR,
  MSC4108RendezvousSession,
  MSC4108SecureChannel,
  MSC4108SignInWithQR,
} from 'matrix-js-sdk/lib/rendezvous/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../harness/browser.ts';
import { api, register, startClient } from '../harness/matrix-client.ts';
import { matrixCrypto } from '../harness/matrix-crypto.ts';
import { matrixFetch } from '../harness/matrix-fetch.ts';
import { Roost } from '../harness/roost.ts';
import { SecretStore } from '../harness/secret-store.ts';

const password = 'a long password';
const deviceId = 'SCANNER';
let roost: Roost;

beforeAll(async () => {
  roost = await Roost.start();
  await matrixCrypto.initAsync();
});

afterAll(() => roost?.stopAndRemove());

function fail(reason: string): void {
  throw new Error(`the QR login failed: ${reason}`);
}

/** What the new device does with the code that it has scanned. */
async function scan(code: Uint8Array) {
  const data = matrixCrypto.QrCodeData.fromBytes(code);
  const session = new MSC4108RendezvousSession({
    url: data.rendezvousUrl ?? '',
    fetchFn: matrixFetch,
    onFailure: fail,
  });
  // The SDK has loaded a copy of its own of the cryptography, and takes keys of that one only.
  const ownKey = new MSC4108SecureChannel(session, undefined, fail)['secureChannel'].public_key();
  const PublicKey = ownKey.constructor as new (key: string) => typeof ownKey;
  const channel = new MSC4108SecureChannel(session, new PublicKey(data.publicKey.toBase64()), fail);
  return { serverName: data.serverName, flow: new MSC4108SignInWithQR(channel, true, undefined, fail) };
}

/** The user follows the link of the new device on the old one, where they are logged in or do so now. */
async function allow(url: string): Promise<void> {
  const browser = new Browser(roost.url);
  const page = await browser.submit(await browser.open(url), { username: 'alice', password });
  expect((await browser.submit(page, { decision: 'allow' })).text).toContain('The device is linked');
}

test('a new device scans the code of an old one, is let in, and has the secrets', async () => {
  const alice = await register(roost.url, 'alice', password);
  const secrets = new SecretStore();
  const old = await startClient(roost.url, alice, { crypto: true, cryptoCallbacks: secrets.callbacks });
  let fresh: MatrixClient | undefined;
  try {
    await secrets.setUp(old);
    const oldFlow = await linkNewDeviceByGeneratingQR(old, fail, new AbortController().signal);
    const { flow: newFlow, serverName } = await scan(oldFlow.code as Uint8Array);
    expect(serverName).toBe(roost.serverName);
    await Promise.all([oldFlow.negotiateProtocols(), newFlow.negotiateProtocols()]);
    expect(newFlow.checkCode).toMatch(/^\d\d$/);
    expect(oldFlow.checkCode).toBe(newFlow.checkCode);

    const metadata = await createClient({ baseUrl: roost.url, fetchFn: matrixFetch }).getAuthMetadata();
    const clientId = await OAuth2.registerClient(metadata, {
      client_name: 'Example phone',
      client_uri: 'https://example.org/',
      redirect_uris: ['https://example.org/'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    });
    const [{ verificationUri }] = await Promise.all([
      oldFlow.deviceAuthorizationGrant(),
      newFlow.deviceAuthorizationGrant({ metadata, clientId, deviceId }),
    ]);
    await allow(verificationUri ?? '');
    const shared = oldFlow.shareSecrets();
    const tokens = await newFlow.completeLoginOnNewDevice({ clientId });
    const accessToken = tokens?.access_token ?? '';
    const whoami = await api(roost.url, accessToken, 'GET', 'v3/account/whoami');
    expect(whoami).toMatchObject({ user_id: alice.userId, device_id: deviceId });

    fresh = await startClient(roost.url, { userId: alice.userId, accessToken, deviceId }, { crypto: true });
    const [{ secrets: received }] = await Promise.all([newFlow.shareSecrets(), shared]);
    await newFlow.close();
    const crypto = fresh.getCrypto();
    await crypto?.userHasCrossSigningKeys(alice.userId, true);
    await crypto?.importSecretsBundle?.(
      received as Parameters<NonNullable<typeof crypto.importSecretsBundle>>[0],
    );
    expect(await crypto?.getCrossSigningStatus()).toMatchObject({
      privateKeysCachedLocally: { masterKey: true, selfSigningKey: true, userSigningKey: true },
    });
    expect(await crypto?.getSessionBackupPrivateKey()).toEqual(
      await old.getCrypto()?.getSessionBackupPrivateKey(),
    );
  } finally {
    for (const client of [old, fresh]) client?.stopClient();
  }
}, 120_000);
