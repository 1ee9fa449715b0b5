import { beforeAll, expect, test } from 'vitest';
import {
  botToken,
  type DiscordBridge,
  fetchWorker,
  gatewayStub,
  owner,
  startDiscordBridge,
} from '../testing/discord-bridge.ts';
import { applicationId } from '../testing/fake-discord.ts';

let bridge: DiscordBridge;
const publicKey = 'ab'.repeat(32);

beforeAll(async () => {
  bridge = await startDiscordBridge();
});

async function call(method: string, path: string, body?: object) {
  const response = await fetchWorker(`/_bridge/discord/_matrix/provision/v3/${path}?user_id=${owner}`, {
    method,
    headers: { authorization: 'Bearer test-provisioning-token-test-provisioning' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

async function logIn(input: Record<string, string>) {
  const { body: started } = await call('POST', 'login/start/bot');
  return call('POST', `login/step/${started.login_id}/${started.step_id}/user_input`, input);
}

test('a bot is logged in by its token alone, its command offered, and where interactions go', async () => {
  const { status, body } = await logIn({ bot_token: botToken });
  expect(status).toBe(200);
  expect(body.instructions).toContain(`client_id=${applicationId}&scope=bot+applications.commands`);
  expect(bridge.discord.callsTo(/^PUT \/applications\/\d+\/commands$/).at(-1)?.operation).toContain(
    applicationId,
  );
  expect(bridge.discord.application.interactions_endpoint_url).toBe(
    `https://roost.test/_bridge/discord/interactions/${applicationId}`,
  );
  expect((await call('GET', 'logins')).body).toEqual({ login_ids: [applicationId] });
});

test('what is given besides must be right', async () => {
  const right = { bot_token: botToken, application_id: applicationId, public_key: publicKey };
  expect((await logIn(right)).status).toBe(200);
  expect((await logIn({ ...right, application_id: '100000000000000009' })).status).toBe(400);
  expect((await logIn({ ...right, public_key: 'cd'.repeat(32) })).status).toBe(400);
  expect((await logIn({ bot_token: 'short' })).status).toBe(400);
});

test('a refused token, a Discord that is away and a missing intent are told apart', async () => {
  const told = async () => (await logIn({ bot_token: botToken })).body.error;
  bridge.discord.before = () => Response.json({ code: 0 }, { status: 401 });
  expect(await told()).toContain('does not accept');
  bridge.discord.before = () => 'cut';
  expect(await told()).toContain('try again');
  bridge.discord.before = () => undefined;
  bridge.discord.application = { ...bridge.discord.application, flags: 0 };
  expect(await told()).toContain('Message Content Intent');
});

test('logging out ends the connection and forgets the token', async () => {
  expect((await call('POST', `logout/${applicationId}`)).status).toBe(200);
  expect((await gatewayStub().status()).connection).toBe('none');
  expect((await call('GET', 'logins')).body).toEqual({ login_ids: [] });
});
