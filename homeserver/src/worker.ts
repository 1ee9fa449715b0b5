import { makeApp } from './api/app.ts';
import { routes } from './api/routes.ts';

export { AppserviceObject } from './objects/appservice/appservice-object.ts';
export { DestinationObject } from './objects/destination/destination-object.ts';
export { RoomObject } from './objects/room/room-object.ts';
export { UserKeysObject } from './objects/user-keys/user-keys-object.ts';
export { UserSyncObject } from './objects/user-sync/user-sync-object.ts';

export default makeApp(routes);
