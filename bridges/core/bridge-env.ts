import type { ObjectNamespace } from '../../platform/object-stub.ts';
import type { PortalRpc } from './portal-rpc.ts';

/** Bindings that every bridge Worker has, as `config/workers.ts` declares them. Settings are read by `config.ts`. */
export interface BridgeEnv {
  DB: D1Database;
  /** Called by `portalOf`. */
  PORTALS: ObjectNamespace<PortalRpc>;
  /** The homeserver, if it is a Worker beside us; else `HOMESERVER_URL` is called. */
  HOMESERVER?: Fetcher;

  HOMESERVER_NAME: string;
  HOMESERVER_URL: string;
  PUBLIC_BASE_URL: string;
  LOG_METER?: string;

  ENCRYPTION_KEY: string;
  APPSERVICE_REGISTRATION: string;
  /** `as_token` of the registration that may act as people (docs/decisions/0005); empty or absent: none. */
  DOUBLE_PUPPET_TOKEN?: string;
  PROVISIONING_TOKEN: string;
}
