/** Paths of a profile field: stable, former, and as MSC4133 had them. */
export const profileFieldPaths = [
  '/_matrix/client/v3/profile/{userId}/{keyName}',
  '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}',
] as const;
