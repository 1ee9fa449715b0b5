import { createHmac } from 'node:crypto';
import { ask, Person } from './attacker.ts';

/** Makes an administrator by the shared secret that test servers have. */
export async function makeAdministrator(url: string, username: string): Promise<Person> {
  const path = '/_synapse/admin/v1/register';
  const { nonce } = (await ask(url, 'GET', path)).body;
  const password = 'a long password';
  const mac = createHmac('sha1', 'test-shared-secret')
    .update([nonce, username, password, 'admin'].join('\0'))
    .digest('hex');
  const { status, body, text } = await ask(url, 'POST', path, {
    body: { nonce, username, password, admin: true, mac },
  });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return new Person(url, { userId: body.user_id, accessToken: body.access_token, deviceId: body.device_id });
}
