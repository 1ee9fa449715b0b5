interface Exception {
  reason: string;
  /** Where it is tested instead, because it takes more than one request to this server. */
  testedBy?: string;
}

const all = (outcomes: string[], exception: Exception) =>
  Object.fromEntries(outcomes.map((outcome) => [outcome, exception]));

/** Of addresses that a server would confirm. */
const noMail = (...codes: string[]) =>
  all(['200', ...codes.map((code) => `400 ${code}`)], {
    reason: 'This server sends neither e-mails nor short messages: it refuses them all.',
  });
const noAddresses: Exception = { reason: 'This server keeps no addresses: it refuses them all.' };
const otherLogins: Exception = {
  reason: 'Only a server without logins of this kind, or without OAuth, answers so.',
};
const openProfiles: Exception = { reason: 'Profiles are told to everybody: names are no secret here.' };
const inside: Exception = {
  reason: 'Nobody learns from the answer whether there is such a room.',
  testedBy: 'homeserver/src/api/client/directory/directory.workers.test.ts',
};
const remoteMedia = all(['502 M_TOO_LARGE'], {
  reason: 'It takes another server.',
  testedBy: 'test/attacks/m3-hostile-servers.test.ts',
});
const largeUpload: Exception = {
  reason: 'It takes more than 100 MB.',
  testedBy: 'homeserver/src/api/media/media.workers.test.ts',
};
const invitesByAddress: Exception = {
  reason: 'It takes an identity server.',
  testedBy: 'homeserver/src/api/client/membership/third-party-invites.workers.test.ts',
};

/** Outcomes that the specification names and that no case brings about. */
export const exceptions: Record<string, Record<string, Exception>> = {
  getWellknown: all(['404'], { reason: 'This server always says where it is.' }),
  getWellknownSupport: all(['404'], {
    reason: 'Only a server whose owner names nobody answers so.',
    testedBy: 'homeserver/src/worker.workers.test.ts',
  }),
  getAuthMetadata: all(['404 M_UNRECOGNIZED'], otherLogins),
  getLoginFlows: all(['404 M_UNRECOGNIZED'], otherLogins),
  login: {
    '400 M_APPSERVICE_LOGIN_UNSUPPORTED': otherLogins,
    '403 M_USER_DEACTIVATED': {
      reason: 'A login tells nothing of who exists.',
      testedBy: 'test/attacks/c7-guessing.test.ts',
    },
  },
  redirectToIdP: all(['302'], {
    reason: 'It takes a provider.',
    testedBy: 'test/flows/oauth/upstream.test.ts',
  }),
  register: all(['400 M_APPSERVICE_LOGIN_UNSUPPORTED'], otherLogins),
  registrationTokenValidity: all(['403 M_FORBIDDEN'], { reason: 'Tokens always serve to register here.' }),
  showStaticLogin: all(['error'], { reason: 'A page without parameters to get wrong.' }),

  requestTokenToRegisterEmail: noMail('M_SERVER_NOT_TRUSTED', 'M_THREEPID_IN_USE'),
  requestTokenToRegisterMSISDN: noMail('M_SERVER_NOT_TRUSTED', 'M_THREEPID_IN_USE'),
  requestTokenToResetPasswordEmail: noMail('M_SERVER_NOT_TRUSTED', 'M_THREEPID_NOT_FOUND'),
  requestTokenToResetPasswordMSISDN: noMail('M_SERVER_NOT_TRUSTED', 'M_THREEPID_NOT_FOUND'),
  requestTokenTo3PIDEmail: noMail(
    'M_INVALID_PARAM',
    'M_SERVER_NOT_TRUSTED',
    'M_THREEPID_IN_USE',
    'M_THREEPID_MEDIUM_NOT_SUPPORTED',
  ),
  requestTokenTo3PIDMSISDN: noMail(
    'M_INVALID_PARAM',
    'M_SERVER_NOT_TRUSTED',
    'M_THREEPID_IN_USE',
    'M_THREEPID_MEDIUM_NOT_SUPPORTED',
  ),
  post3PIDs: all(['200', '403 M_THREEPID_AUTH_FAILED'], noAddresses),
  add3PID: all(['200', '401'], noAddresses),
  bind3PID: all(['200'], noAddresses),

  getUserProfile: all(['403 M_FORBIDDEN'], openProfiles),
  getProfileField: all(['403 M_FORBIDDEN'], openProfiles),
  deleteProfileField: all(['400 M_BAD_JSON'], { reason: 'The request has no body.' }),
  setPushRule: all(['404 M_NOT_FOUND'], {
    reason: 'A rule that is not there is made.',
  }),

  inviteUser: all(['400 M_UNSUPPORTED_ROOM_VERSION'], {
    reason: 'Only a server that knows less versions than ours answers so to an invitation.',
  }),
  inviteBy3PID: {
    '200': invitesByAddress,
    '403 M_FORBIDDEN': invitesByAddress,
    '403 M_INVITE_BLOCKED': { reason: 'Whose address it is the inviter is not told.' },
  },
  getRoomVisibilityOnDirectory: all(['404 M_NOT_FOUND'], inside),
  setRoomVisibilityOnDirectory: all(['404 M_NOT_FOUND'], inside),
  reportRoom: all(['404 M_NOT_FOUND'], {
    reason: inside.reason,
    testedBy: 'homeserver/src/api/client/reports/reports.workers.test.ts',
  }),

  pingAppservice: {
    '502 M_UNKNOWN_TOKEN': {
      reason: 'It stands in the example of M_BAD_STATUS, as the answer of the service.',
    },
    '504 M_CONNECTION_TIMEOUT': {
      reason: 'It takes half a minute.',
      testedBy: 'homeserver/src/api/client/appservice/pingAppservice.workers.test.ts',
    },
  },
  uploadContent: all(['413 M_TOO_LARGE'], largeUpload),
  uploadContentToMXC: all(['413 M_TOO_LARGE'], largeUpload),
  getContentAuthed: remoteMedia,
  getContentOverrideNameAuthed: remoteMedia,
  getContentThumbnailAuthed: remoteMedia,
  getContent: remoteMedia,
  getContentOverrideName: remoteMedia,
  getContentThumbnail: remoteMedia,
};

const longDeprecated = 'Deprecated before there were any of the clients of today, who sync.';

/** Operations of the specification that are not served, with the reason for each. */
export const notServed: Record<string, string> = {
  getEvents: longDeprecated,
  peekEvents: longDeprecated,
  initialSync: longDeprecated,
  getOneEvent: `${longDeprecated} It names no room, and no list of all events is kept.`,
  getWellknownPolicy: 'This server is no policy server.',
};
