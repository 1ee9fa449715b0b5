import type { AnyEndpoint } from '../endpoint.ts';
import { backfillRoom } from './events/backfillRoom.ts';
import { getEvent } from './events/getEvent.ts';
import { getEventAuth } from './events/getEventAuth.ts';
import { getEventByTimestampForServer } from './events/getEventByTimestamp.ts';
import { getMissingPreviousEvents } from './events/getMissingPreviousEvents.ts';
import { bulkPerspectivesKeyQuery } from './keys/bulkPerspectivesKeyQuery.ts';
import { getServerKey } from './keys/getServerKey.ts';
import { perspectivesKeyQuery } from './keys/perspectivesKeyQuery.ts';
import { getContentForServer } from './media/getContent.ts';
import { getThumbnailForServer } from './media/getContentThumbnail.ts';
import { makeJoin } from './membership/makeJoin.ts';
import { makeKnock } from './membership/makeKnock.ts';
import { makeLeave } from './membership/makeLeave.ts';
import { sendInviteV1 } from './membership/sendInviteV1.ts';
import { sendInviteV2 } from './membership/sendInviteV2.ts';
import { sendJoinV1 } from './membership/sendJoinV1.ts';
import { sendJoinV2 } from './membership/sendJoinV2.ts';
import { sendKnock } from './membership/sendKnock.ts';
import { sendLeaveV1 } from './membership/sendLeaveV1.ts';
import { sendLeaveV2 } from './membership/sendLeaveV2.ts';
import { exchangeOpenIdToken } from './openid/exchangeOpenIdToken.ts';
import { getPublicRoomsForServer } from './public-rooms/getPublicRooms.ts';
import { queryPublicRoomsForServer } from './public-rooms/queryPublicRooms.ts';
import { queryProfile } from './queries/queryProfile.ts';
import { queryRoomDirectory } from './queries/queryRoomDirectory.ts';
import { getSpaceHierarchyForServer } from './spaces/getSpaceHierarchy.ts';
import { getRoomStateForServer } from './state/getRoomState.ts';
import { getRoomStateIds } from './state/getRoomStateIds.ts';
import { exchangeThirdPartyInvite } from './third-party-invites/exchangeThirdPartyInvite.ts';
import { onBindThirdPartyIdentifier } from './third-party-invites/onBindThirdPartyIdentifier.ts';
import { sendTransaction } from './transactions/sendTransaction.ts';
import { claimUserEncryptionKeys } from './user-keys/claimUserEncryptionKeys.ts';
import { getUserDevices } from './user-keys/getUserDevices.ts';
import { queryUserEncryptionKeys } from './user-keys/queryUserEncryptionKeys.ts';
import { getVersion } from './version/getVersion.ts';

/** The server-server API. */
export const federationRoutes: AnyEndpoint[] = [
  // Keys and what is told to everybody
  getServerKey,
  perspectivesKeyQuery,
  bulkPerspectivesKeyQuery,
  getVersion,
  exchangeOpenIdToken,

  // Transactions and events
  sendTransaction,
  getEvent,
  getEventAuth,
  getRoomStateForServer,
  getRoomStateIds,
  backfillRoom,
  getMissingPreviousEvents,
  getEventByTimestampForServer,

  // Membership
  makeJoin,
  sendJoinV1,
  sendJoinV2,
  makeLeave,
  sendLeaveV1,
  sendLeaveV2,
  makeKnock,
  sendKnock,
  sendInviteV1,
  sendInviteV2,
  exchangeThirdPartyInvite,
  onBindThirdPartyIdentifier,

  // Queries
  queryRoomDirectory,
  queryProfile,

  // Spaces
  getSpaceHierarchyForServer,

  // Public rooms
  getPublicRoomsForServer,
  queryPublicRoomsForServer,

  // Media
  getContentForServer,
  getThumbnailForServer,

  // Keys of users
  getUserDevices,
  queryUserEncryptionKeys,
  claimUserEncryptionKeys,
];
