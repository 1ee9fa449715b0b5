import { showInvitations } from './account/showInvitations.ts';
import { showPassword } from './account/showPassword.ts';
import { showRecoveryCodes } from './account/showRecoveryCodes.ts';
import { showRecoveryLogin } from './account/showRecoveryLogin.ts';
import { submitInvitations } from './account/submitInvitations.ts';
import { submitPassword } from './account/submitPassword.ts';
import { submitRecoveryCodes } from './account/submitRecoveryCodes.ts';
import { submitRecoveryLogin } from './account/submitRecoveryLogin.ts';
import { adminRoutes } from './admin/admin-routes.ts';
import { add3PID } from './client/account/add3PID.ts';
import { changePassword } from './client/account/changePassword.ts';
import { deactivateAccount } from './client/account/deactivateAccount.ts';
import { delete3pidFromAccount } from './client/account/delete3pidFromAccount.ts';
import { getAccount3PIDs } from './client/account/getAccount3PIDs.ts';
import { getTokenOwner } from './client/account/getTokenOwner.ts';
import { requestTokenTo3PIDEmail } from './client/account/requestTokenTo3PIDEmail.ts';
import { deleteAccountData } from './client/account-data/deleteAccountData.ts';
import { deleteAccountDataPerRoom } from './client/account-data/deleteAccountDataPerRoom.ts';
import { getAccountData } from './client/account-data/getAccountData.ts';
import { getAccountDataPerRoom } from './client/account-data/getAccountDataPerRoom.ts';
import { setAccountData } from './client/account-data/setAccountData.ts';
import { setAccountDataPerRoom } from './client/account-data/setAccountDataPerRoom.ts';
import { getAdminLockUser } from './client/admin/getAdminLockUser.ts';
import { getAdminSuspendUser } from './client/admin/getAdminSuspendUser.ts';
import { getWhoIs } from './client/admin/getWhoIs.ts';
import { setAdminLockUser } from './client/admin/setAdminLockUser.ts';
import { setAdminSuspendUser } from './client/admin/setAdminSuspendUser.ts';
import { pingAppservice } from './client/appservice/pingAppservice.ts';
import { getCapabilities } from './client/capabilities/getCapabilities.ts';
import { cancelDelayedEvent } from './client/delayed-events/cancelDelayedEvent.ts';
import { getDelayedEvent } from './client/delayed-events/getDelayedEvent.ts';
import { getDelayedEvents } from './client/delayed-events/getDelayedEvents.ts';
import { restartDelayedEvent } from './client/delayed-events/restartDelayedEvent.ts';
import { sendDelayedEvent } from './client/delayed-events/sendDelayedEvent.ts';
import { updateDelayedEvent } from './client/delayed-events/updateDelayedEvent.ts';
import { deleteDehydratedDevice } from './client/devices/deleteDehydratedDevice.ts';
import { deleteDevice } from './client/devices/deleteDevice.ts';
import { deleteDevices } from './client/devices/deleteDevices.ts';
import { getDehydratedDevice } from './client/devices/getDehydratedDevice.ts';
import { getDehydratedDeviceEvents } from './client/devices/getDehydratedDeviceEvents.ts';
import { getDevice } from './client/devices/getDevice.ts';
import { getDevices } from './client/devices/getDevices.ts';
import { postDehydratedDeviceEvents } from './client/devices/postDehydratedDeviceEvents.ts';
import { putDehydratedDevice } from './client/devices/putDehydratedDevice.ts';
import { updateDevice } from './client/devices/updateDevice.ts';
import { deleteRoomAlias } from './client/directory/deleteRoomAlias.ts';
import { getLocalAliases } from './client/directory/getLocalAliases.ts';
import { getPublicRooms } from './client/directory/getPublicRooms.ts';
import { getRoomIdByAlias } from './client/directory/getRoomIdByAlias.ts';
import { getRoomVisibilityOnDirectory } from './client/directory/getRoomVisibilityOnDirectory.ts';
import { queryPublicRooms } from './client/directory/queryPublicRooms.ts';
import { setRoomAlias } from './client/directory/setRoomAlias.ts';
import { setRoomVisibilityOnDirectory } from './client/directory/setRoomVisibilityOnDirectory.ts';
import { updateAppserviceRoomDirectoryVisibility } from './client/directory/updateAppserviceRoomDirectoryVisibility.ts';
import { getVersions } from './client/discovery/getVersions.ts';
import { defineFilter } from './client/filter/defineFilter.ts';
import { getFilter } from './client/filter/getFilter.ts';
import { keyBackupRoutes } from './client/key-backup/key-backup-routes.ts';
import { claimKeys } from './client/keys/claimKeys.ts';
import { getKeysChanges } from './client/keys/getKeysChanges.ts';
import { queryKeys } from './client/keys/queryKeys.ts';
import { uploadCrossSigningKeys } from './client/keys/uploadCrossSigningKeys.ts';
import { uploadCrossSigningSignatures } from './client/keys/uploadCrossSigningSignatures.ts';
import { uploadKeys } from './client/keys/uploadKeys.ts';
import { generateLoginToken } from './client/login/generateLoginToken.ts';
import { getLoginFlows } from './client/login/getLoginFlows.ts';
import { login } from './client/login/login.ts';
import { logout } from './client/login/logout.ts';
import { logout_all } from './client/login/logout_all.ts';
import { refresh } from './client/login/refresh.ts';
import { ban } from './client/membership/ban.ts';
import { forgetRoom } from './client/membership/forgetRoom.ts';
import { inviteUser } from './client/membership/inviteUser.ts';
import { joinRoom } from './client/membership/joinRoom.ts';
import { joinRoomById } from './client/membership/joinRoomById.ts';
import { kick } from './client/membership/kick.ts';
import { knockRoom } from './client/membership/knockRoom.ts';
import { leaveRoom } from './client/membership/leaveRoom.ts';
import { unban } from './client/membership/unban.ts';
import { getEventByTimestamp } from './client/messages/getEventByTimestamp.ts';
import { getEventContext } from './client/messages/getEventContext.ts';
import { getOneRoomEvent } from './client/messages/getOneRoomEvent.ts';
import { getRelatingEvents } from './client/messages/getRelatingEvents.ts';
import { getRelatingEventsWithRelType } from './client/messages/getRelatingEventsWithRelType.ts';
import { getRelatingEventsWithRelTypeAndEventType } from './client/messages/getRelatingEventsWithRelTypeAndEventType.ts';
import { getRoomEvents } from './client/messages/getRoomEvents.ts';
import { getThreadRoots } from './client/messages/getThreadRoots.ts';
import { redactEvent } from './client/messages/redactEvent.ts';
import { sendMessage } from './client/messages/sendMessage.ts';
import { requestOpenIdToken } from './client/openid/requestOpenIdToken.ts';
import { getPresence } from './client/presence/getPresence.ts';
import { setPresence } from './client/presence/setPresence.ts';
import { deleteProfileField } from './client/profile/deleteProfileField.ts';
import { getProfileField } from './client/profile/getProfileField.ts';
import { getUserProfile } from './client/profile/getUserProfile.ts';
import { searchUserDirectory } from './client/profile/searchUserDirectory.ts';
import { setProfileField } from './client/profile/setProfileField.ts';
import { getNotifications } from './client/push/getNotifications.ts';
import { getPushers } from './client/push/getPushers.ts';
import { postPusher } from './client/push/postPusher.ts';
import { deletePushRule } from './client/push-rules/deletePushRule.ts';
import { getPushRule } from './client/push-rules/getPushRule.ts';
import { getPushRuleActions } from './client/push-rules/getPushRuleActions.ts';
import { getPushRules } from './client/push-rules/getPushRules.ts';
import { getPushRulesGlobal } from './client/push-rules/getPushRulesGlobal.ts';
import { isPushRuleEnabled } from './client/push-rules/isPushRuleEnabled.ts';
import { setPushRule } from './client/push-rules/setPushRule.ts';
import { setPushRuleActions } from './client/push-rules/setPushRuleActions.ts';
import { setPushRuleEnabled } from './client/push-rules/setPushRuleEnabled.ts';
import { postReceipt } from './client/receipts/postReceipt.ts';
import { setReadMarker } from './client/receipts/setReadMarker.ts';
import { checkUsernameAvailability } from './client/registration/checkUsernameAvailability.ts';
import { register } from './client/registration/register.ts';
import { registrationTokenValidity } from './client/registration/registrationTokenValidity.ts';
import { createRendezvousSession } from './client/rendezvous/createRendezvousSession.ts';
import { deleteRendezvousSession } from './client/rendezvous/deleteRendezvousSession.ts';
import { getRendezvousSession } from './client/rendezvous/getRendezvousSession.ts';
import { updateRendezvousSession } from './client/rendezvous/updateRendezvousSession.ts';
import { reportEvent } from './client/reports/reportEvent.ts';
import { reportRoom } from './client/reports/reportRoom.ts';
import { reportUser } from './client/reports/reportUser.ts';
import { getJoinedMembersByRoom } from './client/room-state/getJoinedMembersByRoom.ts';
import { getMembersByRoom } from './client/room-state/getMembersByRoom.ts';
import { getRoomState } from './client/room-state/getRoomState.ts';
import { getRoomStateWithKey } from './client/room-state/getRoomStateWithKey.ts';
import { setRoomStateWithKey } from './client/room-state/setRoomStateWithKey.ts';
import { createRoom } from './client/rooms/createRoom.ts';
import { getJoinedRooms } from './client/rooms/getJoinedRooms.ts';
import { getMutualRooms } from './client/rooms/getMutualRooms.ts';
import { getRoomSummary } from './client/rooms/getRoomSummary.ts';
import { getSpaceHierarchy } from './client/rooms/getSpaceHierarchy.ts';
import { roomInitialSync } from './client/rooms/roomInitialSync.ts';
import { upgradeRoom } from './client/rooms/upgradeRoom.ts';
import { search } from './client/search/search.ts';
import { slidingSync } from './client/sync/slidingSync.ts';
import { slidingSyncV4 } from './client/sync/slidingSyncV4.ts';
import { sync } from './client/sync/sync.ts';
import { deleteRoomTag } from './client/tags/deleteRoomTag.ts';
import { getRoomTags } from './client/tags/getRoomTags.ts';
import { setRoomTag } from './client/tags/setRoomTag.ts';
import { getProtocolMetadata } from './client/third-party/getProtocolMetadata.ts';
import { getProtocols } from './client/third-party/getProtocols.ts';
import { queryLocationByAlias } from './client/third-party/queryLocationByAlias.ts';
import { queryLocationByProtocol } from './client/third-party/queryLocationByProtocol.ts';
import { queryUserByID } from './client/third-party/queryUserByID.ts';
import { queryUserByProtocol } from './client/third-party/queryUserByProtocol.ts';
import { deleteThreadSubscription } from './client/thread-subscriptions/deleteThreadSubscription.ts';
import { getThreadSubscription } from './client/thread-subscriptions/getThreadSubscription.ts';
import { getThreadSubscriptions } from './client/thread-subscriptions/getThreadSubscriptions.ts';
import { putThreadSubscription } from './client/thread-subscriptions/putThreadSubscription.ts';
import { sendToDevice } from './client/to-device/sendToDevice.ts';
import { setTyping } from './client/typing/setTyping.ts';
import { getRtcTransports } from './client/voip/getRtcTransports.ts';
import { getTurnServer } from './client/voip/getTurnServer.ts';
import type { AnyEndpoint } from './endpoint.ts';
import { federationRoutes } from './federation/federation-routes.ts';
import { createContent } from './media/createContent.ts';
import { getConfigAuthed } from './media/getConfigAuthed.ts';
import { getContent } from './media/getContent.ts';
import { getContentAuthed } from './media/getContentAuthed.ts';
import { getContentOverrideName } from './media/getContentOverrideName.ts';
import { getContentOverrideNameAuthed } from './media/getContentOverrideNameAuthed.ts';
import { getContentThumbnail } from './media/getContentThumbnail.ts';
import { getContentThumbnailAuthed } from './media/getContentThumbnailAuthed.ts';
import { getUrlPreviewAuthed } from './media/getUrlPreviewAuthed.ts';
import { uploadContent } from './media/uploadContent.ts';
import { uploadContentToMXC } from './media/uploadContentToMXC.ts';
import { authorize } from './oauth/authorize.ts';
import { authorizeByForm } from './oauth/authorizeByForm.ts';
import { authorizeDevice } from './oauth/authorizeDevice.ts';
import { getAuthMetadata } from './oauth/getAuthMetadata.ts';
import { getJwks } from './oauth/getJwks.ts';
import { introspectToken } from './oauth/introspectToken.ts';
import { oauthToken } from './oauth/oauthToken.ts';
import { registerClient } from './oauth/registerClient.ts';
import { revokeToken } from './oauth/revokeToken.ts';
import { showAccount } from './oauth/showAccount.ts';
import { showLink } from './oauth/showLink.ts';
import { showLogin } from './oauth/showLogin.ts';
import { showRegistration } from './oauth/showRegistration.ts';
import { submitAccount } from './oauth/submitAccount.ts';
import { submitConsent } from './oauth/submitConsent.ts';
import { submitLink } from './oauth/submitLink.ts';
import { submitLogin } from './oauth/submitLogin.ts';
import { submitRegistration } from './oauth/submitRegistration.ts';
import { showPasskeys } from './passkeys/showPasskeys.ts';
import { submitPasskeyLogin } from './passkeys/submitPasskeyLogin.ts';
import { submitPasskeys } from './passkeys/submitPasskeys.ts';
import { showSetup } from './setup/showSetup.ts';
import { submitSetup } from './setup/submitSetup.ts';
import { getFallback } from './sso/getFallback.ts';
import { redirectToIdP } from './sso/redirectToIdP.ts';
import { redirectToSSO } from './sso/redirectToSSO.ts';
import { showFallback } from './sso/showFallback.ts';
import { showSso } from './sso/showSso.ts';
import { showStaticLogin } from './sso/showStaticLogin.ts';
import { showTokenFallback } from './sso/showTokenFallback.ts';
import { submitFallback } from './sso/submitFallback.ts';
import { submitSso } from './sso/submitSso.ts';
import { submitTokenFallback } from './sso/submitTokenFallback.ts';
import { finishUpstream } from './upstream/finishUpstream.ts';
import { showUpstreamLink } from './upstream/showUpstreamLink.ts';
import { startUpstream } from './upstream/startUpstream.ts';
import { submitUpstreamLink } from './upstream/submitUpstreamLink.ts';
import { getWellknown } from './well-known/client/getWellknown.ts';
import { getWellKnown } from './well-known/server/getWellKnown.ts';
import { getWellknownSupport } from './well-known/support/getWellknownSupport.ts';

/** Every endpoint of the homeserver, by chapter of the specification. */
export const routes: readonly AnyEndpoint[] = [
  // Discovery
  getVersions,
  getWellknown,
  getWellKnown,
  getWellknownSupport,
  getCapabilities,

  // Login and sessions
  getLoginFlows,
  login,
  generateLoginToken,
  redirectToSSO,
  redirectToIdP,
  getFallback,
  showStaticLogin,
  refresh,
  logout,
  logout_all,

  // Registration and account
  register,
  checkUsernameAvailability,
  registrationTokenValidity,
  getTokenOwner,
  changePassword,
  deactivateAccount,
  getAccount3PIDs,
  add3PID,
  delete3pidFromAccount,
  requestTokenTo3PIDEmail,
  requestOpenIdToken,

  // End-to-end encryption
  uploadKeys,
  queryKeys,
  claimKeys,
  getKeysChanges,
  uploadCrossSigningKeys,
  uploadCrossSigningSignatures,
  sendToDevice,

  // Devices
  getDevices,
  getDevice,
  updateDevice,
  deleteDevice,
  deleteDevices,
  createRendezvousSession,
  getRendezvousSession,
  updateRendezvousSession,
  deleteRendezvousSession,
  putDehydratedDevice,
  getDehydratedDevice,
  deleteDehydratedDevice,
  getDehydratedDeviceEvents,
  postDehydratedDeviceEvents,

  // Profiles
  getUserProfile,
  getProfileField,
  setProfileField,
  deleteProfileField,
  searchUserDirectory,

  ...keyBackupRoutes,

  // Administration
  ...adminRoutes,
  getAdminLockUser,
  setAdminLockUser,
  getAdminSuspendUser,
  getWhoIs,
  setAdminSuspendUser,

  // OAuth 2.0
  getAuthMetadata,
  getJwks,
  registerClient,
  authorize,
  authorizeByForm,
  showLogin,
  submitLogin,
  showRegistration,
  submitRegistration,
  submitConsent,
  introspectToken,
  oauthToken,
  revokeToken,
  authorizeDevice,
  showLink,
  submitLink,
  submitPasskeyLogin,
  showRecoveryLogin,
  submitRecoveryLogin,
  startUpstream,
  finishUpstream,
  showUpstreamLink,
  submitUpstreamLink,
  showSso,
  submitSso,
  showFallback,
  submitFallback,
  showTokenFallback,
  submitTokenFallback,
  showPasskeys,
  submitPasskeys,
  showRecoveryCodes,
  submitRecoveryCodes,
  showPassword,
  submitPassword,
  showInvitations,
  submitInvitations,
  showAccount,
  submitAccount,

  // Set-up page
  showSetup,
  submitSetup,

  // Sync
  sync,
  slidingSync,
  slidingSyncV4,
  defineFilter,
  getFilter,

  // Thread subscriptions
  getThreadSubscription,
  putThreadSubscription,
  deleteThreadSubscription,
  getThreadSubscriptions,

  // Account data, tags, push rules
  getAccountData,
  setAccountData,
  deleteAccountData,
  getAccountDataPerRoom,
  setAccountDataPerRoom,
  deleteAccountDataPerRoom,
  getRoomTags,
  setRoomTag,
  deleteRoomTag,
  getPushRules,
  getPushRulesGlobal,
  getPushRule,
  setPushRule,
  deletePushRule,
  isPushRuleEnabled,
  setPushRuleEnabled,
  getPushRuleActions,
  setPushRuleActions,

  // Push notifications
  getPushers,
  postPusher,
  getNotifications,

  // Media
  uploadContent,
  createContent,
  uploadContentToMXC,
  getContentAuthed,
  getContentOverrideNameAuthed,
  getContentThumbnailAuthed,
  getContent,
  getContentOverrideName,
  getContentThumbnail,
  getConfigAuthed,
  getUrlPreviewAuthed,

  // Application services
  pingAppservice,

  // Third-party networks
  getProtocols,
  getProtocolMetadata,
  queryLocationByProtocol,
  queryUserByProtocol,
  queryLocationByAlias,
  queryUserByID,

  // Calls
  getTurnServer,
  getRtcTransports,

  // Presence
  setPresence,
  getPresence,

  // Rooms
  createRoom,
  getJoinedRooms,
  getRoomSummary,
  getSpaceHierarchy,
  getMutualRooms,
  roomInitialSync,
  upgradeRoom,

  // Membership
  inviteUser,
  joinRoom,
  joinRoomById,
  knockRoom,
  leaveRoom,
  forgetRoom,
  kick,
  ban,
  unban,

  // Room state
  getRoomState,
  getRoomStateWithKey,
  setRoomStateWithKey,
  getMembersByRoom,
  getJoinedMembersByRoom,

  // Messages
  sendMessage,
  redactEvent,
  getRoomEvents,
  getOneRoomEvent,
  getEventContext,
  getEventByTimestamp,
  getThreadRoots,
  cancelDelayedEvent,
  getDelayedEvent,
  getDelayedEvents,
  restartDelayedEvent,
  sendDelayedEvent,
  updateDelayedEvent,
  search,
  getRelatingEvents,
  getRelatingEventsWithRelType,
  getRelatingEventsWithRelTypeAndEventType,

  // Typing and receipts
  setTyping,
  postReceipt,
  setReadMarker,

  // Directory and aliases
  getRoomIdByAlias,
  setRoomAlias,
  deleteRoomAlias,
  getLocalAliases,
  getRoomVisibilityOnDirectory,
  setRoomVisibilityOnDirectory,
  updateAppserviceRoomDirectoryVisibility,
  getPublicRooms,
  queryPublicRooms,

  ...federationRoutes,

  // Reports
  reportRoom,
  reportEvent,
  reportUser,
];
