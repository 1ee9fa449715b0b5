import { endpoint } from '../../endpoint.ts';
import { readRelations, relationsQuery } from './read-relations.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltype */
export const getRelatingEventsWithRelType = endpoint({
  operationId: 'getRelatingEventsWithRelType',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}',
    '/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}',
  ],
  auth: 'accessToken',
  query: relationsQuery,
  handler: readRelations,
});
