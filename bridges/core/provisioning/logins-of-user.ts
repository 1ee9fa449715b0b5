import { notFound } from '../../../matrix/errors.ts';
import type { Bridge } from '../bridge.ts';
import type { Login } from '../logins.ts';
import { flowsOf } from './login-steps.ts';
import type { ProvisioningCall } from './provisioning-api.ts';

export async function whoAmI({ bridge, userId }: ProvisioningCall): Promise<object> {
  const { connector, config } = bridge;
  const logins = await bridge.logins.ofUser(userId);
  return {
    network: {
      displayname: connector.displayName,
      network_url: connector.url,
      network_icon: '',
      network_id: connector.id,
      beeper_bridge_type: connector.id,
    },
    login_flows: flowsOf(connector.loginFlows),
    homeserver: config.homeserverName,
    bridge_bot: config.botUserId,
    logins: logins.map(describe),
  };
}

const stateEvents = {
  connected: 'CONNECTED',
  degraded: 'TRANSIENT_DISCONNECT',
  bad_credentials: 'BAD_CREDENTIALS',
} as const;

function describe(login: Login): object {
  return {
    id: login.loginId,
    name: login.name,
    profile: { name: login.name, ...(login.remoteUserId ? { remote_id: login.remoteUserId } : {}) },
    state: {
      state_event: stateEvents[login.state],
      ...(login.stateReason ? { reason: login.stateReason, error: login.stateReason } : {}),
    },
  };
}

export async function listLogins({ bridge, userId }: ProvisioningCall): Promise<object> {
  return { login_ids: (await bridge.logins.ofUser(userId)).map((login) => login.loginId) };
}

/** Logs one login out, or `all`. Rooms stay; nothing is carried over any more. */
export async function logOut({ bridge, userId }: ProvisioningCall, loginId = ''): Promise<object> {
  const logins = await bridge.logins.ofUser(userId);
  const chosen = loginId === 'all' ? logins : logins.filter((login) => login.loginId === loginId);
  if (chosen.length === 0 && loginId !== 'all') throw notFound('No such login');
  for (const login of chosen) await end(bridge, login);
  return {};
}

/** Also if the network cannot be told: the credentials are forgotten in any case. */
async function end(bridge: Bridge, login: Login): Promise<void> {
  try {
    await bridge.connector.onLogout(bridge.env, login);
  } finally {
    await bridge.logins.delete(login.loginId);
  }
}
