import { changePassword } from './client/account/changePassword.ts';
import { getAccount3PIDs } from './client/account/getAccount3PIDs.ts';
import { getTokenOwner } from './client/account/getTokenOwner.ts';
import { pingAppservice } from './client/appservice/pingAppservice.ts';
import { getVersions } from './client/discovery/getVersions.ts';
import { claimKeys } from './client/keys/claimKeys.ts';
import { getKeysChanges } from './client/keys/getKeysChanges.ts';
import { queryKeys } from './client/keys/queryKeys.ts';
import { uploadCrossSigningKeys } from './client/keys/uploadCrossSigningKeys.ts';
import { uploadCrossSigningSignatures } from './client/keys/uploadCrossSigningSignatures.ts';
import { uploadKeys } from './client/keys/uploadKeys.ts';
import { getLoginFlows } from './client/login/getLoginFlows.ts';
import { login } from './client/login/login.ts';
import { logout } from './client/login/logout.ts';
import { logout_all } from './client/login/logout_all.ts';
import { refresh } from './client/login/refresh.ts';
import { checkUsernameAvailability } from './client/registration/checkUsernameAvailability.ts';
import { register } from './client/registration/register.ts';
import { registrationTokenValidity } from './client/registration/registrationTokenValidity.ts';
import { sendToDevice } from './client/to-device/sendToDevice.ts';
import type { AnyEndpoint } from './endpoint.ts';
import { createContent } from './media/createContent.ts';
import { getConfigAuthed } from './media/getConfigAuthed.ts';
import { getContentAuthed } from './media/getContentAuthed.ts';
import { getContentOverrideNameAuthed } from './media/getContentOverrideNameAuthed.ts';
import { getContentThumbnailAuthed } from './media/getContentThumbnailAuthed.ts';
import { uploadContent } from './media/uploadContent.ts';
import { uploadContentToMXC } from './media/uploadContentToMXC.ts';

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

  // End-to-end encryption
  uploadKeys,
  queryKeys,
  claimKeys,
  getKeysChanges,
  uploadCrossSigningKeys,
  uploadCrossSigningSignatures,
  sendToDevice,

  // Media
  uploadContent,
  createContent,
  uploadContentToMXC,
  getContentAuthed,
  getContentOverrideNameAuthed,
  getContentThumbnailAuthed,
  getConfigAuthed,

  // Application services
  pingAppservice,
];
