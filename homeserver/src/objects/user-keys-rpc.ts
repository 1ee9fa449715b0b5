import type { Denial } from '../../../matrix/errors.ts';
import type { DeviceId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { KeyCounts } from './user-sync-rpc.ts';

/** What `UserKeysObject` (one per user) offers to the rest of the server. Plain data: this crosses RPC. */

/** A one-time or fallback key: a signed key object, or (unsigned algorithms) the key alone. */
export type KeyValue = JsonObject | string;

export interface KeyUpload {
  deviceKeys?: JsonObject;
  /** By `<algorithm>:<key id>`. */
  oneTimeKeys?: Record<string, KeyValue>;
  fallbackKeys?: Record<string, KeyValue>;
  /** The device's name as the user's `UserSyncObject` knows it; given with `deviceKeys`. */
  displayName?: string;
}

/** A device that nobody is logged in with, for what is sent in the meantime (MSC3814). */
export interface DehydratedUpload {
  deviceId: DeviceId;
  /** Its secrets, encrypted by the client. */
  deviceData: JsonObject;
  keys: KeyUpload;
}

export interface UserKeys {
  deviceKeys: Record<DeviceId, JsonObject>;
  masterKey?: JsonObject;
  selfSigningKey?: JsonObject;
  userSigningKey?: JsonObject;
}

export interface CrossSigningUpload {
  masterKey?: JsonObject;
  selfSigningKey?: JsonObject;
  userSigningKey?: JsonObject;
}

/** Signed objects of one user by device id or public master key; or the failures of such, likewise. */
export type SignedObjects = Record<string, JsonObject>;
export type SignatureFailures = Record<string, { errcode: string; error: string }>;

export interface BackupVersion {
  kind: 'version';
  version: string;
  algorithm: string;
  authData: JsonObject;
  count: number;
  etag: string;
}

/** A Megolm session in a backup (`KeyBackupData` of the specification). */
export interface BackedUpSession {
  first_message_index: number;
  forwarded_count: number;
  is_verified: boolean;
  session_data: JsonObject;
}

export type BackupSessions = Record<RoomId, Record<string, BackedUpSession>>;

/** Absent members stand for all rooms, or all sessions of the room. */
export interface BackupScope {
  roomId?: RoomId;
  sessionId?: string;
}

/** @see BackupPage */
export interface BackupPageQuery extends BackupScope {
  after?: BackupCursor;
}

export interface BackupCursor {
  roomId: RoomId;
  sessionId: string;
}

/** A part of a backup, ordered by room and session; a whole one may be too large for one answer. */
export interface BackupPage {
  kind: 'sessions';
  rooms: BackupSessions;
  /** Absent on the last page. */
  next?: BackupCursor;
}

export interface BackupChanged {
  kind: 'changed';
  count: number;
  etag: string;
}

/** Keys were put into a version other than the current one. */
export interface WrongBackupVersion {
  kind: 'wrong_version';
  currentVersion: string;
}

/** Of a user of another server: their keys as they were told last. */
export interface KnownKeys {
  /** Absent: they have never been asked for. */
  keys?: UserKeys;
  /** When they were asked for (epoch ms); 0: they have changed since. */
  askedMs: number;
  revision: number;
}

export interface UserKeysRpc {
  /** For a user of another server, as all of these. With the signatures that the viewer made. */
  keysElsewhere(viewer: UserId): Promise<KnownKeys>;
  /**
   * Keeps what their server told.
   * @param known as it was read before that was asked: what has changed meanwhile is not kept
   * @returns the keys with the signatures that the viewer made
   */
  putKeysElsewhere(
    keys: UserKeys,
    known: Pick<KnownKeys, 'askedMs' | 'revision'>,
    viewer: UserId,
  ): Promise<UserKeys>;
  /** Their server says that there are others now. */
  outdateKeysElsewhere(): Promise<void>;
  upload(deviceId: DeviceId, upload: KeyUpload): Promise<({ kind: 'counts' } & KeyCounts) | Denial>;
  /** @param deviceIds empty: all; @param viewer decides which signatures and keys are shown */
  query(deviceIds: DeviceId[], viewer: UserId): Promise<UserKeys>;
  /** Atomic: a one-time key is given once, in upload order, then the fallback key, marked used. */
  claim(wanted: Record<DeviceId, string>): Promise<Record<DeviceId, Record<string, KeyValue>>>;
  /** Forgets all keys of these devices. */
  deleteDevices(deviceIds: DeviceId[]): Promise<void>;
  /** The name shown with the device's keys; this object only keeps a copy. */
  setDeviceName(deviceId: DeviceId, displayName: string | undefined): Promise<void>;

  /** The only one of the user: takes the place of a former one, whose inbox is closed. */
  putDehydratedDevice(device: DehydratedUpload): Promise<{ kind: 'done' } | Denial>;
  dehydratedDevice(): Promise<Pick<DehydratedUpload, 'deviceId' | 'deviceData'> | undefined>;
  /** @returns its id, if there was one */
  deleteDehydratedDevice(): Promise<DeviceId | undefined>;

  /**
   * Stores cross-signing keys. Without `authorized` only a first upload or a repetition of the same keys is
   * let through (MSC3967); anything else answers `unauthorized` and changes nothing.
   */
  uploadCrossSigning(
    upload: CrossSigningUpload,
    authorized: boolean,
  ): Promise<{ kind: 'done' } | { kind: 'unauthorized' } | Denial>;
  /** Signatures that the user made of own devices and the own master key. */
  addOwnSignatures(objects: SignedObjects): Promise<SignatureFailures>;
  /** Another user's signatures of this user's master key. @param signingKey the signer's user-signing key */
  addForeignSignatures(
    signer: UserId,
    signingKey: JsonObject | undefined,
    objects: SignedObjects,
  ): Promise<SignatureFailures>;

  createBackup(algorithm: string, authData: JsonObject): Promise<string>;
  /** @param version absent: the current one */
  getBackup(version?: string): Promise<BackupVersion | Denial>;
  updateBackup(version: string, algorithm: string, authData: JsonObject): Promise<{ kind: 'done' } | Denial>;
  deleteBackup(version: string): Promise<{ kind: 'done' } | Denial>;
  putBackupSessions(
    version: string,
    sessions: BackupSessions,
  ): Promise<BackupChanged | WrongBackupVersion | Denial>;
  getBackupSessions(version: string, query: BackupPageQuery): Promise<BackupPage | Denial>;
  deleteBackupSessions(version: string, scope: BackupScope): Promise<BackupChanged | Denial>;
}
