import { createRequire } from 'node:module';
import type { RustCrypto } from 'matrix-js-sdk/lib/rust-crypto/rust-crypto.js';

/** The cryptography of Element's clients: the very package that matrix-js-sdk brings along. */
const sdkRequire = createRequire(import.meta.resolve('matrix-js-sdk'));

export type OlmMachine = ConstructorParameters<typeof RustCrypto>[1];
export type KeysClaimRequest = NonNullable<Awaited<ReturnType<OlmMachine['getMissingSessions']>>>;
export type ToDeviceRequest = Awaited<ReturnType<OlmMachine['shareRoomKey']>>[number];

type UserId = Parameters<OlmMachine['updateTrackedUsers']>[0][number];
type SyncChanges = Parameters<OlmMachine['receiveSyncChanges']>;

/** As much of it as is used here. */
interface MatrixCrypto {
  initAsync(): Promise<void>;
  OlmMachine: { initialize(userId: UserId, deviceId: object): Promise<OlmMachine> };
  UserId: new (id: string) => UserId;
  DeviceId: new (id: string) => object;
  RoomId: new (id: string) => Parameters<OlmMachine['encryptRoomEvent']>[0];
  DeviceLists: new (changed: UserId[], left: UserId[]) => SyncChanges[1];
  DecryptionSettings: new (trust: number | undefined) => NonNullable<SyncChanges[4]>;
  EncryptionSettings: new () => Parameters<OlmMachine['shareRoomKey']>[2];
  TrustRequirement: Record<'Untrusted', number>;
  RequestType: Record<'KeysUpload' | 'KeysQuery' | 'KeysClaim' | 'SignatureUpload', number>;
  QrCodeData: {
    fromBytes(code: Uint8Array): {
      rendezvousUrl: string | undefined;
      serverName: string | undefined;
      publicKey: { toBase64(): string };
    };
  };
}

export const matrixCrypto: MatrixCrypto = sdkRequire('@matrix-org/matrix-sdk-crypto-wasm');
