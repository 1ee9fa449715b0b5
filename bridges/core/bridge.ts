import { openD1 } from '../../platform/d1.ts';
import type { BridgeEnv } from './bridge-env.ts';
import { type BridgeConfig, readBridgeConfig } from './config.ts';
import { LoginProcesses } from './login-processes.ts';
import { Logins } from './logins.ts';
import type { NetworkConnector } from './network-connector.ts';
import { Portals } from './portals.ts';
import { Puppets } from './puppets.ts';

/** A network together with what the environment gives: settings, homeserver, directories. */
export interface Bridge<Env extends BridgeEnv = BridgeEnv> {
  env: Env;
  config: BridgeConfig;
  connector: NetworkConnector<Env>;
  logins: Logins;
  loginProcesses: LoginProcesses;
  portals: Portals;
  puppets: Puppets;
}

/** @throws Error that lists wrong settings */
export function openBridge<Env extends BridgeEnv>(env: Env, connector: NetworkConnector<Env>): Bridge<Env> {
  const config = readBridgeConfig(env);
  const db = openD1(env.DB, config.meter);
  return {
    env,
    config,
    connector,
    logins: new Logins(db, config.secrets, connector.id),
    loginProcesses: new LoginProcesses(db, config.secrets, connector.id),
    portals: new Portals(db, connector.id),
    puppets: new Puppets(db, connector.id),
  };
}
