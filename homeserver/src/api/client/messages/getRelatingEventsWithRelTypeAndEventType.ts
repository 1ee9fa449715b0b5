import { endpoint } from '../../endpoint.ts';
import { readRelations, relationsQuery } from './read-relations.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype */
export const getRelatingEventsWithRelTypeAndEventType = endpoint({
  operationId: 'getRelatingEventsWithRelTypeAndEventType',
  method: 'GET',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
    '/_matrix/client/unstable/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
  ],
  auth: 'accessToken',
  query: relationsQuery,
  handler: readRelations,
});
