import { changePassword } from './client/account/changePassword.ts';
import { getAccount3PIDs } from './client/account/getAccount3PIDs.ts';
import { getTokenOwner } from './client/account/getTokenOwner.ts';
import { pingAppservice } from './client/appservice/pingAppservice.ts';
import { getVersions } from './client/discovery/getVersions.ts';
import { getLoginFlows } from './client/login/getLoginFlows.ts';
import { login } from './client/login/login.ts';
import { logout } from './client/login/logout.ts';
import { logout_all } from './client/login/logout_all.ts';
import { refresh } from './client/login/refresh.ts';
import { checkUsernameAvailability } from './client/registration/checkUsernameAvailability.ts';
import { register } from './client/registration/register.ts';
import { registrationTokenValidity } from './client/registration/registrationTokenValidity.ts';
import type { AnyEndpoint } from './endpoint.ts';

/** Every endpoint of the homeserver, by chapter of the specification. */
export const routes: readonly AnyEndpoint[] = [
  // Discovery
  getVersions,

  // Login and sessions
  getLoginFlows,
  login,
  refresh,
  logout,
  logout_all,

  // Registration and account
  register,
  checkUsernameAvailability,
  registrationTokenValidity,
  getTokenOwner,
  changePassword,
  getAccount3PIDs,
  // Application services
  pingAppservice,
];
