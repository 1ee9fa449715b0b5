import { endpoint } from '../../endpoint.ts';
import { readRelations, relationsQuery } from './read-relations.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidrelationseventid */
export const getRelatingEvents = endpoint({
  operationId: 'getRelatingEvents',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}',
    '/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}',
  ],
  auth: 'accessToken',
  query: relationsQuery,
  handler: readRelations,
});
