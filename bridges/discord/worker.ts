import { DurableObject } from 'cloudflare:workers';
export class DiscordGatewayObject extends DurableObject {}
export class PortalObject extends DurableObject {}
export default {
  fetch: () => Response.json({ errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }, { status: 404 }),
};
