import { DurableObject } from 'cloudflare:workers';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import init from '../../../../migrations/objects/user-keys/0001-init.sql';
import { DueWork } from '../../../../platform/due-work.ts';
import { errorText, log } from '../../../../platform/log.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import type { Env } from '../../env.ts';
import { createBackup } from '../../storage/user-keys/backups.ts';
import { readDehydratedDevice } from '../../storage/user-keys/dehydrated-device.ts';
import { setDisplayName } from '../../storage/user-keys/device-keys.ts';
import { outdateKeysElsewhere } from '../../storage/user-keys/keys-elsewhere.ts';
import type {
  BackupPageQuery,
  BackupScope,
  BackupSessions,
  CrossSigningUpload,
  DehydratedUpload,
  KeyUpload,
  KnownKeys,
  SignedObjects,
  UserKeys,
  UserKeysRpc,
} from '../user-keys-rpc.ts';
import { addForeignSignatures, addOwnSignatures } from './add-signatures.ts';
import { putSessions, readPage, removeSessions } from './backup-contents.ts';
import { describeBackup, removeBackup, updateBackup } from './backup-versions.ts';
import { claimKeys } from './claim-keys.ts';
import { deleteDehydratedDevice, putDehydratedDevice } from './dehydrated-device.ts';
import { deleteDevices } from './delete-devices.ts';
import { keepKeysElsewhere, knownKeysElsewhere } from './keys-elsewhere.ts';
import { News } from './news.ts';
import { queryKeys } from './query-keys.ts';
import { tellNews } from './tell-news.ts';
import { uploadCrossSigning } from './upload-cross-signing.ts';
import { uploadKeys } from './upload-keys.ts';

/** One user's keys for end-to-end encryption: of the devices, of the identity, and their backups. */
export class UserKeysObject extends DurableObject<Env> implements UserKeysRpc {
  readonly #sqlite: Sqlite;
  readonly #dueWork: DueWork;
  readonly #news: News;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sqlite = new Sqlite(ctx.storage, env.LOG_METER === '1' ? 'UserKeysObject' : undefined);
    migrate(this.#sqlite, [init]);
    this.#dueWork = new DueWork(this.#sqlite);
    this.#news = new News(this.#sqlite, this.#dueWork);
  }

  async upload(deviceId: DeviceId, upload: KeyUpload) {
    return this.#write(() => uploadKeys(this.#sqlite, this.#news, this.#owner, deviceId, upload));
  }

  async query(deviceIds: DeviceId[], viewer: UserId) {
    return queryKeys(this.#sqlite, this.#owner, deviceIds, viewer);
  }

  async keysElsewhere(viewer: UserId) {
    return knownKeysElsewhere(this.#sqlite, this.#owner, viewer);
  }

  async putKeysElsewhere(keys: UserKeys, known: Pick<KnownKeys, 'askedMs' | 'revision'>, viewer: UserId) {
    return this.#write(() => keepKeysElsewhere(this.#sqlite, this.#owner, viewer, keys, known));
  }

  async outdateKeysElsewhere() {
    outdateKeysElsewhere(this.#sqlite);
  }

  async claim(wanted: Record<DeviceId, string>) {
    return this.#write(() => claimKeys(this.#sqlite, this.#news, wanted));
  }

  async deleteDevices(deviceIds: DeviceId[]) {
    this.#write(() => deleteDevices(this.#sqlite, this.#news, this.#owner, deviceIds));
  }

  async setDeviceName(deviceId: DeviceId, displayName: string | undefined) {
    this.#write(() => {
      if (setDisplayName(this.#sqlite, deviceId, displayName)) this.#news.deviceListChanged();
    });
  }

  async putDehydratedDevice(device: DehydratedUpload) {
    return putDehydratedDevice(this.#sqlite, this.#news, this.#owner, device);
  }

  async dehydratedDevice() {
    return readDehydratedDevice(this.#sqlite);
  }

  async deleteDehydratedDevice() {
    return deleteDehydratedDevice(this.#sqlite, this.#news, this.#owner);
  }

  async uploadCrossSigning(upload: CrossSigningUpload, authorized: boolean) {
    return this.#write(() => uploadCrossSigning(this.#sqlite, this.#news, this.#owner, upload, authorized));
  }

  async addOwnSignatures(objects: SignedObjects) {
    return this.#write(() => addOwnSignatures(this.#sqlite, this.#news, this.#owner, objects));
  }

  async addForeignSignatures(signer: UserId, signingKey: JsonObject | undefined, objects: SignedObjects) {
    return this.#write(() => addForeignSignatures(this.#sqlite, signer, signingKey, objects));
  }

  async createBackup(algorithm: string, authData: JsonObject) {
    return String(createBackup(this.#sqlite, algorithm, authData));
  }

  async getBackup(version?: string) {
    return describeBackup(this.#sqlite, version);
  }

  async updateBackup(version: string, algorithm: string, authData: JsonObject) {
    return this.#write(() => updateBackup(this.#sqlite, version, algorithm, authData));
  }

  async deleteBackup(version: string) {
    return this.#write(() => removeBackup(this.#sqlite, version));
  }

  async putBackupSessions(version: string, sessions: BackupSessions) {
    return this.#write(() => putSessions(this.#sqlite, version, sessions));
  }

  async getBackupSessions(version: string, query: BackupPageQuery) {
    return readPage(this.#sqlite, version, query);
  }

  async deleteBackupSessions(version: string, scope: BackupScope) {
    return this.#write(() => removeSessions(this.#sqlite, version, scope));
  }

  override async alarm() {
    const tell = () => tellNews(this.#sqlite, this.#news, this.env, this.#owner);
    await this.#dueWork.run(Date.now(), { tell_news: tell }, (name, error) =>
      log('error', 'user_keys.due_work_failed', { name, error: errorText(error) }),
    );
  }

  get #owner(): UserId {
    return this.ctx.id.name as UserId;
  }

  #write<T>(body: () => T): T {
    return this.#sqlite.transaction(body);
  }
}
