import { MatrixError } from '../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../matrix/json.ts';

export type OauthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'access_denied'
  | 'login_required'
  | 'consent_required'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token';

/** An error in the form of OAuth (RFC 6749, 5.2), which differs from Matrix's in the names of its members. */
export class OauthError extends MatrixError {
  readonly code: OauthErrorCode;

  constructor(code: OauthErrorCode, description: string, headers: Record<string, string> = {}) {
    const status = code === 'invalid_client' ? 401 : 400;
    super(status, code, description, {}, { 'cache-control': 'no-store', ...headers });
    this.code = code;
  }

  override toBody(): JsonObject {
    return { error: this.errcode, error_description: this.message };
  }
}

export const invalidRequest = (description: string) => new OauthError('invalid_request', description);
/** Says nothing of why: it answers guesses. Clients sign the user out on it. */
export const invalidGrant = () => new OauthError('invalid_grant', 'The grant is not valid');
