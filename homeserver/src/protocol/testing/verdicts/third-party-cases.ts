import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../../crypto.ts';
import { signJson } from '../../signatures.ts';
import type { EventFields } from '../room.ts';
import { levels, member, memberships, standing, users, usualLevels } from './events.ts';
import type { VerdictCase } from './verdict-case.ts';

const { admin, mod, user, guest } = users;

const seeds = { identity: new Uint8Array(32).fill(1), other: new Uint8Array(32).fill(2) };
const publicKey = (name: keyof typeof seeds) => encodeBase64(ed25519PublicKey(seeds[name]));
const identityKey = publicKey('identity');
const otherKey = publicKey('other');

function signed(
  content: JsonObject = {},
  by: keyof typeof seeds = 'identity',
  keyId = 'ed25519:0',
): JsonObject {
  return signJson({ mxid: guest, token: 'token', ...content }, 'identity.server', { keyId, seed: seeds[by] });
}

function invite(signedInvite: JsonValue, sender: string = user): EventFields {
  return member(guest, 'invite', { third_party_invite: { display_name: 'G', signed: signedInvite } }, sender);
}

function offer(content: JsonObject, sender: string = user, token = 'token'): EventFields {
  return { type: 'm.room.third_party_invite', sender, state_key: token, content };
}

/** An offer and the invite that claims it for `guest`, both valid. */
export const addressOffer = (sender: string): EventFields => offer({ public_key: identityKey }, sender);
export const addressInvite = (sender: string): EventFields => invite(signed(), sender);

const usualOffer = offer({ public_key: identityKey });
const signature = (signed().signatures as { 'identity.server': { 'ed25519:0': string } })['identity.server'][
  'ed25519:0'
];
const withSignatures = (signatures: JsonValue) => ({ ...signed(), signatures });

const keysOffered: [string, JsonObject][] = [
  ['public_key', { public_key: identityKey }],
  ['another public_key', { public_key: otherKey }],
  ['public_keys', { public_keys: [{ public_key: identityKey }] }],
  ['both', { public_key: identityKey, public_keys: [{ public_key: identityKey }] }],
  ['public_keys alone right', { public_key: otherKey, public_keys: [{ public_key: identityKey }] }],
  ['public_key alone right', { public_key: identityKey, public_keys: [{ public_key: otherKey }] }],
  ['the second of public_keys', { public_keys: [{ public_key: otherKey }, { public_key: identityKey }] }],
  ['neither right', { public_key: otherKey, public_keys: [{ public_key: otherKey }] }],
  ['none', {}],
  ['an empty list', { public_keys: [] }],
  [
    'a key with a validity URL',
    { public_key: identityKey, key_validity_url: 'https://identity.server/valid' },
  ],
  ['a URL-safe key', { public_key: identityKey.replaceAll('+', '-').replaceAll('/', '_') }],
  ['a padded key', { public_key: `${identityKey}=` }],
];

const signatures: [string, JsonValue][] = [
  ['of two servers', { 'a.server': { 'ed25519:0': 'AAAA' }, 'identity.server': { 'ed25519:0': signature } }],
  ['of another server', { 'a.server': { 'ed25519:1': signature } }],
  ['wrong', { 'identity.server': { 'ed25519:0': `A${signature.slice(1)}` } }],
  ['by another algorithm', { 'identity.server': { 'rsa:0': signature } }],
  ['the second key id', { 'identity.server': { 'rsa:0': 'x', 'ed25519:0': signature } }],
  ['none', {}],
  ['none of the server', { 'identity.server': {} }],
];

/** Rules 5.4.1 and 7. */
export const thirdPartyTable: VerdictCase[] = [
  { name: '5.4.1 signed invite', state: [usualOffer], event: invite(signed()) },
  ...memberships.map((membership) => ({
    name: `5.4.1.1 invited by address: membership ${membership}`,
    state: [usualOffer, ...standing(guest, membership)],
    event: invite(signed()),
  })),
  {
    name: '5.4.1.2 not signed',
    state: [usualOffer],
    event: member(guest, 'invite', { third_party_invite: { display_name: 'G' } }, user),
  },
  { name: '5.4.1.2 signed is null', state: [usualOffer], event: invite(null) },
  {
    name: '5.4.1.2 third_party_invite is null',
    state: [usualOffer],
    event: member(guest, 'invite', { third_party_invite: null }, user),
  },
  {
    name: '5.4.1.2 third_party_invite is text',
    state: [usualOffer],
    event: member(guest, 'invite', { third_party_invite: 'x' }, user),
  },
  { name: '5.4.1.3 no mxid', state: [usualOffer], event: invite(signed({ mxid: undefined })) },
  { name: '5.4.1.3 no token', state: [usualOffer], event: invite(signed({ token: undefined })) },
  { name: '5.4.1.4 for another user', state: [usualOffer], event: invite(signed({ mxid: admin })) },
  {
    name: '5.4.1.4 mxid changed after signing',
    state: [usualOffer],
    event: invite({ ...signed({ mxid: admin }), mxid: guest }),
  },
  { name: '5.4.1.5 no offer', event: invite(signed()) },
  {
    name: '5.4.1.5 an offer with another token',
    state: [offer({ public_key: identityKey }, user, 'other')],
    event: invite(signed()),
  },
  {
    name: '5.4.1.6 an offer by another',
    state: [offer({ public_key: identityKey }, admin)],
    event: invite(signed()),
  },
  { name: '5.4.1.6 invite by another than the offer', state: [usualOffer], event: invite(signed(), admin) },
  ...keysOffered.map(([what, content]) => ({
    name: `5.4.1.7 offered: ${what}`,
    state: [offer(content)],
    event: invite(signed()),
  })),
  ...signatures.map(([what, value]) => ({
    name: `5.4.1.7 signatures: ${what}`,
    state: [usualOffer],
    event: invite(withSignatures(value)),
  })),
  { name: '5.4.1.7 no signatures', state: [usualOffer], event: invite({ mxid: guest, token: 'token' }) },
  { name: '5.4.1.7 signed by another key', state: [usualOffer], event: invite(signed({}, 'other')) },
  { name: '5.4.1.7 more in what is signed', state: [usualOffer], event: invite(signed({ sender: user })) },
  {
    name: '5.4.1.7 more than what is signed',
    state: [usualOffer],
    event: invite({ ...signed(), sender: user }),
  },
  {
    name: '5.4.1.7 another key id',
    state: [usualOffer],
    event: invite(signed({}, 'identity', 'ed25519:abc')),
  },
  {
    name: '5.4.1 needs no power',
    state: [usualOffer, levels({ ...usualLevels, invite: 100 })],
    event: invite(signed()),
  },
  {
    name: '5.4.1 by one who has left',
    state: [usualOffer, member(user, 'leave')],
    event: invite(signed()),
  },
  ...[0, 1, 50, 51].flatMap((level) =>
    [user, mod].map((sender) => ({
      name: `7.1 offer by ${sender}, invite level ${level}`,
      state: [levels({ ...usualLevels, invite: level, state_default: 100 })],
      event: offer({}, sender),
    })),
  ),
  { name: '7.1 offer by one who is not in the room', event: offer({}, guest) },
  { name: '7.1 offer without power levels', lacks: ['m.room.power_levels'], event: offer({}, user) },
  { name: '7.1 offer with the state key of another user', event: offer({}, user, admin) },
  { name: '7.1 offer without a state key', event: { type: 'm.room.third_party_invite', sender: user } },
];
