import type { ObjectNamespace } from '../../platform/object-stub.ts';
import type { AppserviceRpc } from './objects/appservice-rpc.ts';
import type { DestinationRpc } from './objects/destination-rpc.ts';
import type { RoomRpc } from './objects/room-rpc.ts';
import type { UserKeysRpc } from './objects/user-keys-rpc.ts';
import type { UserSyncRpc } from './objects/user-sync-rpc.ts';

/** Bindings of the homeserver Worker as `config/workers.ts` declares them. Read by `config.ts` and `stubs.ts`. */
export interface Env {
  ROOMS: ObjectNamespace<RoomRpc>;
  USERS: ObjectNamespace<UserSyncRpc>;
  USER_KEYS: ObjectNamespace<UserKeysRpc>;
  APPSERVICES: ObjectNamespace<AppserviceRpc>;
  DESTINATIONS: ObjectNamespace<DestinationRpc>;
  DB: D1Database;
  CACHE: KVNamespace;
  MEDIA: R2Bucket;
  /** Local runtime: a folder for files, in place of `MEDIA`. */
  MEDIA_DISK?: Fetcher;
  /** Absent: pictures are not shrunk. */
  IMAGES?: ImagesBinding;
  SLACK_BRIDGE?: Fetcher;
  DISCORD_BRIDGE?: Fetcher;
  /** Local runtime: a way to public addresses alone. */
  PUBLIC_INTERNET?: Fetcher;
  /** Local runtime: the way to other servers, which keeps address, host and certificate name apart. */
  OUTBOUND?: Fetcher;

  SERVER_NAME: string;
  PUBLIC_BASE_URL: string;
  DEFAULT_ROOM_VERSION: string;
  OPEN_REGISTRATION: string;
  REGISTRATION_SHARED_SECRET?: string;
  RATE_LIMITS: string;
  CLIENT_ADDRESS_HEADER?: string;
  PASSWORD_POLICY: string;
  PASSWORD_LOGIN?: string;
  SSO_LOGIN?: string;
  UPSTREAM_ISSUER?: string;
  UPSTREAM_CLIENT_ID?: string;
  UPSTREAM_CLIENT_SECRET?: string;
  UPSTREAM_NAME?: string;
  UPSTREAM_HOSTS?: string;
  APPSERVICE_SERVICES: string;
  URL_PREVIEWS?: string;
  URL_PREVIEW_HOSTS?: string;
  PUSH_GATEWAY_HOSTS?: string;
  IDENTITY_SERVERS?: string;
  MEDIA_QUOTA_MB?: string;
  REMOTE_MEDIA_MB?: string;
  PRESENCE?: string;
  RETENTION?: string;
  RETENTION_DEFAULT_DAYS?: string;
  RETENTION_MAX_DAYS?: string;
  TURN_URIS?: string;
  TURN_SECRET?: string;
  RTC_TRANSPORTS?: string;
  SUPPORT?: string;
  KEY_NOTARIES?: string;
  DNS_OVER_HTTPS_URL?: string;
  SHORT_BACKOFF?: string;
  LOG_METER: string;

  SIGNING_KEY: string;
  OLD_SIGNING_KEYS?: string;
  ENCRYPTION_KEY: string;
  ADMIN_TOKEN: string;
  APPSERVICE_REGISTRATIONS: string;
}
