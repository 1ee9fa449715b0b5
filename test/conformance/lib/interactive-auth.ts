import type { Answer } from './http.ts';
import type { User } from './user.ts';

export interface AuthAnswer {
  session?: string;
  flows?: { stages: string[] }[];
  completed?: string[];
  errcode?: string;
}

/** The `auth` object by which an account proves itself with its password. */
export function passwordAuth(
  user: User,
  session: string | undefined,
  password = user.password,
): Record<string, unknown> {
  return {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.userId },
    password,
    ...(session !== undefined && { session }),
  };
}

/**
 * A request that wants the user's password: once without it, and if the server asks for it, again with it.
 * @param by who proves itself, if not the user
 */
export async function withPassword(
  user: User,
  method: string,
  path: string,
  body: Record<string, unknown>,
  by: { user?: User; password?: string } = {},
): Promise<Answer<AuthAnswer>> {
  const first = await user.call<AuthAnswer>(method, path, body);
  if (first.status !== 401 || first.body.flows === undefined) return first;
  const auth = passwordAuth(by.user ?? user, first.body.session, by.password);
  return user.call<AuthAnswer>(method, path, { ...body, auth });
}
