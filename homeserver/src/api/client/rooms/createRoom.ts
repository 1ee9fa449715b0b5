import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { errorText, log } from '../../../../../platform/log.ts';
import { createRoom as create } from '../../../services/create-room.ts';
import { requireTrusted } from '../../../services/identity-server.ts';
import { inviteAddress } from '../../../services/invite-address.ts';
import { endpoint } from '../../endpoint.ts';
import { thirdPartyAddress } from '../membership/third-party-address.ts';
import { jsonObject, userIdField } from '../room-requests.ts';

const maxInvites = 100;
const maxAddresses = 20;
const maxStateEvents = 200;

const stateEvent = v.object({
  type: v.pipe(v.string(), v.notValue('m.room.member', 'members are invited by `invite`')),
  state_key: v.optional(v.string(), ''),
  content: jsonObject,
});

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom */
export const createRoom = endpoint({
  operationId: 'createRoom',
  method: 'POST',
  paths: ['/_matrix/client/v3/createRoom'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    visibility: v.optional(v.picklist(['public', 'private']), 'private'),
    room_alias_name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
    name: v.optional(v.string()),
    topic: v.optional(v.string()),
    invite: v.optional(v.pipe(v.array(userIdField), v.maxLength(maxInvites)), []),
    invite_3pid: v.optional(v.pipe(v.array(thirdPartyAddress), v.maxLength(maxAddresses)), []),
    room_version: v.optional(v.string()),
    creation_content: v.optional(jsonObject, {}),
    initial_state: v.optional(v.pipe(v.array(stateEvent), v.maxLength(maxStateEvents)), []),
    preset: v.optional(v.picklist(['private_chat', 'trusted_private_chat', 'public_chat'])),
    is_direct: v.optional(v.boolean(), false),
    power_level_content_override: v.optional(jsonObject),
  }),
  async handler({ body, env, config, stubs }, { userId, appservice }) {
    for (const address of body.invite_3pid) requireTrusted(address, config);
    const isPublic = body.visibility === 'public';
    const parts = { db: openD1(env.DB, config.meter), env, config, stubs };
    const roomId = await create(
      parts,
      userId,
      {
        isPublic,
        preset: body.preset ?? (isPublic ? 'public_chat' : 'private_chat'),
        roomVersion: body.room_version,
        aliasName: body.room_alias_name,
        appservice,
        name: body.name,
        topic: body.topic,
        invite: [...new Set(body.invite)].filter((invitee) => invitee !== userId),
        isDirect: body.is_direct,
        initialState: body.initial_state,
        creationContent: body.creation_content,
        powerLevelOverride: body.power_level_content_override,
      },
      Date.now(),
    );
    const more = body.is_direct ? { is_direct: true } : {};
    for (const address of body.invite_3pid) {
      // The room is there: an error now would have the client make another one.
      await inviteAddress(parts, roomId, userId, address, more).catch((error) =>
        log('warn', 'create_room.address_not_invited', { roomId, error: errorText(error) }),
      );
    }
    return { room_id: roomId };
  },
});
