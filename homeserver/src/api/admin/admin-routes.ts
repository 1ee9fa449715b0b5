import type { AnyEndpoint } from '../endpoint.ts';
import { countAccounts } from './countAccounts.ts';
import { createRegistrationToken } from './createRegistrationToken.ts';
import { listReports } from './listReports.ts';
import { adminDeleteMedia } from './media/adminDeleteMedia.ts';
import { adminDeleteOldMedia } from './media/adminDeleteOldMedia.ts';
import { adminDeleteUserMedia } from './media/adminDeleteUserMedia.ts';
import { adminGetMedia } from './media/adminGetMedia.ts';
import { adminListUserMedia } from './media/adminListUserMedia.ts';
import { adminMediaStatistics } from './media/adminMediaStatistics.ts';
import { adminProtectMedia } from './media/adminProtectMedia.ts';
import { adminPurgeMediaCache } from './media/adminPurgeMediaCache.ts';
import { adminQuarantineMedia } from './media/adminQuarantineMedia.ts';
import { adminQuarantineRoomMedia } from './media/adminQuarantineRoomMedia.ts';
import { adminQuarantineUserMedia } from './media/adminQuarantineUserMedia.ts';
import { adminRoomMedia } from './media/adminRoomMedia.ts';
import { adminUnprotectMedia } from './media/adminUnprotectMedia.ts';
import { adminUnquarantineMedia } from './media/adminUnquarantineMedia.ts';
import { purgeHistory } from './purgeHistory.ts';
import { purgeRoom } from './purgeRoom.ts';
import { registerBySharedSecret } from './registerBySharedSecret.ts';
import { adminCreateRegistrationToken } from './registration-tokens/adminCreateRegistrationToken.ts';
import { adminDeleteRegistrationToken } from './registration-tokens/adminDeleteRegistrationToken.ts';
import { adminGetRegistrationToken } from './registration-tokens/adminGetRegistrationToken.ts';
import { adminListRegistrationTokens } from './registration-tokens/adminListRegistrationTokens.ts';
import { adminUpdateRegistrationToken } from './registration-tokens/adminUpdateRegistrationToken.ts';
import { adminDeleteEventReport } from './reports/adminDeleteEventReport.ts';
import { adminDeleteUserReport } from './reports/adminDeleteUserReport.ts';
import { adminGetEventReport } from './reports/adminGetEventReport.ts';
import { adminGetUserReport } from './reports/adminGetUserReport.ts';
import { adminListEventReports } from './reports/adminListEventReports.ts';
import { adminListUserReports } from './reports/adminListUserReports.ts';
import { adminDeleteRoom } from './rooms/adminDeleteRoom.ts';
import { adminDeleteStatus } from './rooms/adminDeleteStatus.ts';
import { adminDeleteStatusOfRoom } from './rooms/adminDeleteStatusOfRoom.ts';
import { adminEventContext } from './rooms/adminEventContext.ts';
import { adminForwardExtremities } from './rooms/adminForwardExtremities.ts';
import { adminGetRoom } from './rooms/adminGetRoom.ts';
import { adminGetRoomBlock } from './rooms/adminGetRoomBlock.ts';
import { adminJoinUser } from './rooms/adminJoinUser.ts';
import { adminListRooms } from './rooms/adminListRooms.ts';
import { adminMakeRoomAdmin } from './rooms/adminMakeRoomAdmin.ts';
import { adminPurgeHistory } from './rooms/adminPurgeHistory.ts';
import { adminPurgeStatus } from './rooms/adminPurgeStatus.ts';
import { adminRoomHierarchy } from './rooms/adminRoomHierarchy.ts';
import { adminRoomMembers } from './rooms/adminRoomMembers.ts';
import { adminRoomMessages } from './rooms/adminRoomMessages.ts';
import { adminRoomState } from './rooms/adminRoomState.ts';
import { adminSetRoomBlock } from './rooms/adminSetRoomBlock.ts';
import { adminTimestampToEvent } from './rooms/adminTimestampToEvent.ts';
import { adminRoomStatistics } from './server/adminRoomStatistics.ts';
import { adminScheduledTasks } from './server/adminScheduledTasks.ts';
import { adminSendNotice } from './server/adminSendNotice.ts';
import { adminSendNoticeOnce } from './server/adminSendNoticeOnce.ts';
import { adminServerVersion } from './server/adminServerVersion.ts';
import { sharedSecretNonce } from './sharedSecretNonce.ts';
import { testPushers } from './testPushers.ts';
import { adminAccountData } from './users/adminAccountData.ts';
import { adminCreateDevice } from './users/adminCreateDevice.ts';
import { adminDeactivateUser } from './users/adminDeactivateUser.ts';
import { adminDeleteDevice } from './users/adminDeleteDevice.ts';
import { adminDeleteDevices } from './users/adminDeleteDevices.ts';
import { adminFindByExternalId } from './users/adminFindByExternalId.ts';
import { adminFindByThreepid } from './users/adminFindByThreepid.ts';
import { adminGetDevice } from './users/adminGetDevice.ts';
import { adminGetFeatures } from './users/adminGetFeatures.ts';
import { adminGetRateLimit } from './users/adminGetRateLimit.ts';
import { adminGetUser } from './users/adminGetUser.ts';
import { adminGetUserAdmin } from './users/adminGetUserAdmin.ts';
import { adminJoinedRooms } from './users/adminJoinedRooms.ts';
import { adminListDevices } from './users/adminListDevices.ts';
import { adminListUsers } from './users/adminListUsers.ts';
import { adminListUsersV3 } from './users/adminListUsersV3.ts';
import { adminLoginAsUser } from './users/adminLoginAsUser.ts';
import { adminMemberships } from './users/adminMemberships.ts';
import { adminPushers } from './users/adminPushers.ts';
import { adminPutDevice } from './users/adminPutDevice.ts';
import { adminPutUser } from './users/adminPutUser.ts';
import { adminRedactStatus } from './users/adminRedactStatus.ts';
import { adminRedactUser } from './users/adminRedactUser.ts';
import { adminResetPassword } from './users/adminResetPassword.ts';
import { adminSetUserAdmin } from './users/adminSetUserAdmin.ts';
import { adminSuspendUser } from './users/adminSuspendUser.ts';
import { adminUsernameAvailable } from './users/adminUsernameAvailable.ts';
import { adminWhois } from './users/adminWhois.ts';

/** Administration: our own by the owner's token, and what of Synapse's is served to consoles (`docs/admin.md`). */
export const adminRoutes: readonly AnyEndpoint[] = [
  // The owner's own, and registration by shared secret
  countAccounts,
  createRegistrationToken,
  listReports,
  purgeHistory,
  purgeRoom,
  registerBySharedSecret,
  sharedSecretNonce,
  testPushers,

  // Users
  adminAccountData,
  adminCreateDevice,
  adminDeactivateUser,
  adminDeleteDevice,
  adminDeleteDevices,
  adminFindByExternalId,
  adminFindByThreepid,
  adminGetDevice,
  adminGetFeatures,
  adminGetRateLimit,
  adminGetUser,
  adminGetUserAdmin,
  adminJoinedRooms,
  adminListDevices,
  adminListUsers,
  adminListUsersV3,
  adminLoginAsUser,
  adminMemberships,
  adminPushers,
  adminPutDevice,
  adminPutUser,
  adminRedactStatus,
  adminRedactUser,
  adminResetPassword,
  adminSetUserAdmin,
  adminSuspendUser,
  adminUsernameAvailable,
  adminWhois,

  // Rooms
  adminDeleteRoom,
  adminDeleteStatus,
  adminDeleteStatusOfRoom,
  adminEventContext,
  adminForwardExtremities,
  adminGetRoom,
  adminGetRoomBlock,
  adminJoinUser,
  adminListRooms,
  adminMakeRoomAdmin,
  adminPurgeHistory,
  adminPurgeStatus,
  adminRoomHierarchy,
  adminRoomMembers,
  adminRoomMessages,
  adminRoomState,
  adminSetRoomBlock,
  adminTimestampToEvent,

  // Media
  adminDeleteMedia,
  adminDeleteOldMedia,
  adminDeleteUserMedia,
  adminGetMedia,
  adminListUserMedia,
  adminMediaStatistics,
  adminProtectMedia,
  adminPurgeMediaCache,
  adminQuarantineMedia,
  adminQuarantineRoomMedia,
  adminQuarantineUserMedia,
  adminRoomMedia,
  adminUnprotectMedia,
  adminUnquarantineMedia,

  // Registration tokens
  adminCreateRegistrationToken,
  adminDeleteRegistrationToken,
  adminGetRegistrationToken,
  adminListRegistrationTokens,
  adminUpdateRegistrationToken,

  // Reports
  adminDeleteEventReport,
  adminDeleteUserReport,
  adminGetEventReport,
  adminGetUserReport,
  adminListEventReports,
  adminListUserReports,

  // Server
  adminRoomStatistics,
  adminScheduledTasks,
  adminSendNotice,
  adminSendNoticeOnce,
  adminServerVersion,
];
