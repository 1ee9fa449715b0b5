import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, call, ok } from './http.ts';
import { target } from './target.ts';
import { User } from './user.ts';

export const password = 'correct horse battery staple';

let counter = 0;
const run = randomBytes(4).toString('hex');

/** A name that no test has used before, also in earlier runs against the same server. */
export function newName(prefix = 'user'): string {
  counter += 1;
  return `${prefix}-${run}-${process.pid}-${counter}-${randomBytes(2).toString('hex')}`;
}

interface Registered {
  user_id: string;
  access_token: string;
  device_id: string;
}

/** `POST /register` with the stages that the server asks for, so far as they can be done here. */
export async function registerOpenly(body: Record<string, unknown>): Promise<Answer<Registered>> {
  const first = await call<Registered & { session?: string; flows?: { stages: string[] }[] }>(
    'POST',
    '/v3/register',
    { body },
  );
  if (first.status !== 401 || !first.body.flows) return first;
  const canDo = (stage: string) =>
    stage === 'm.login.dummy' ||
    (stage === 'm.login.registration_token' && target.registrationToken !== undefined);
  const flow = first.body.flows.find(({ stages }) => stages.every(canDo));
  if (!flow) return first;
  let answer: Answer<Registered> = first;
  for (const type of flow.stages) {
    const auth = {
      type,
      session: first.body.session,
      ...(type === 'm.login.registration_token' && { token: target.registrationToken }),
    };
    answer = await call<Registered>('POST', '/v3/register', { body: { ...body, auth } });
  }
  return answer;
}

/** `POST /_synapse/admin/v1/register`. @throws Error where the target has no shared secret */
export async function registerBySharedSecret(
  username: string,
  options: { admin?: boolean; password?: string } = {},
): Promise<Answer<Registered>> {
  const secret = target.registrationSharedSecret;
  if (secret === undefined) throw new Error('the shared secret of the server is not known');
  const { nonce } = await ok<{ nonce: string }>('GET', '/_synapse/admin/v1/register');
  const secretly = options.password ?? password;
  const fields = [nonce, username, secretly, options.admin ? 'admin' : 'notadmin'];
  const mac = createHmac('sha1', secret).update(fields.join('\0')).digest('hex');
  const body = { nonce, username, password: secretly, admin: options.admin ?? false, mac };
  return call<Registered>('POST', '/_synapse/admin/v1/register', { body });
}

/** Every way in that has worked or failed before is not tried anew. */
let openRegistration = true;

/** A new account, by whichever way the server has. */
export async function newUser(prefix?: string): Promise<User> {
  const username = newName(prefix);
  if (openRegistration) {
    // Most servers take the whole in one request.
    const auth = { type: 'm.login.dummy' };
    const once = await call<Registered>('POST', '/v3/register', { body: { username, password, auth } });
    if (once.status === 200) return new User(once.body, password);
    const { status, body } = await registerOpenly({ username, password });
    if (status === 200) return new User(body, password);
    if (target.registrationSharedSecret === undefined) {
      throw new Error(`registration is refused: ${status} ${JSON.stringify(body)}`);
    }
    openRegistration = false;
  }
  const { status, body } = await registerBySharedSecret(username);
  if (status !== 200) throw new Error(`registration is refused: ${status} ${JSON.stringify(body)}`);
  return new User(body, password);
}

/** A new account on a server that was started by its launcher, where one request is enough. */
export async function newUserAt(at: string, prefix?: string): Promise<User> {
  const auth = { type: 'm.login.dummy' };
  const body = { username: newName(prefix), password, auth };
  return new User(await ok<Registered>('POST', '/v3/register', { at, body }), password, at);
}

/** Several new accounts at once. */
export async function newUsers<const Names extends readonly string[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: User }> {
  const users: User[] = [];
  for (const name of names) users.push(await newUser(name));
  return users as { [Index in keyof Names]: User };
}

/** A new device of an account. */
export async function logIn(user: User, body: Record<string, unknown> = {}): Promise<User> {
  const registered = await ok<Registered>('POST', '/v3/login', {
    at: user.at,
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: user.userId },
      password: user.password,
      ...body,
    },
  });
  return new User(registered, user.password, user.at);
}

/** A new user of the application service. Undefined where the target knows none. */
export async function newGhost(): Promise<User | undefined> {
  const { appservice } = target;
  if (!appservice) return undefined;
  const username = newName(appservice.prefix);
  const body = { type: 'm.login.application_service', username, inhibit_login: true };
  const { user_id } = await ok<Registered>('POST', '/v3/register', { token: appservice.token, body });
  return new User({ user_id, access_token: appservice.token, device_id: '' }, '');
}
