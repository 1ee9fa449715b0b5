import { invalidRequest } from '../../services/oauth/oauth-error.ts';
import { readForm } from '../pages/form-body.ts';

/** OAuth: what holds a token is kept nowhere. */
export const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

/**
 * The parameters that a client sends as a form (RFC 6749, 3.2).
 * @throws OauthError `invalid_request`, also if one is repeated
 */
export async function readClientForm(request: Request): Promise<Record<string, string>> {
  const form = await readForm(request);
  if (!form) throw invalidRequest('Expected application/x-www-form-urlencoded');
  const values: Record<string, string> = {};
  for (const [name, value] of form) {
    if (Object.hasOwn(values, name)) throw invalidRequest('A parameter is repeated');
    values[name] = value;
  }
  // RFC 6749, 3.2: a parameter without a value is none.
  for (const name of Object.keys(values)) if (values[name] === '') delete values[name];
  return values;
}

/** @throws OauthError `invalid_request` */
export function required(form: Record<string, string>, name: string): string {
  const value = form[name];
  if (value === undefined) throw invalidRequest(`${name} is missing`);
  return value;
}
