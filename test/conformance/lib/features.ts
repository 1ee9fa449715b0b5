import { skip } from './conformance-test.ts';
import { ok } from './http.ts';
import type { User } from './user.ts';

let features: Promise<Record<string, boolean>> | undefined;

/** Ends the test as skipped unless the server says in `/versions` that it has one of these unstable features. */
export async function needsFeature(...names: string[]): Promise<void> {
  features ??= ok<{ unstable_features?: Record<string, boolean> }>('GET', '/_matrix/client/versions').then(
    ({ unstable_features: offered = {} }) => offered,
  );
  const offered = await features;
  if (!names.some((name) => offered[name] === true)) skip(`not offered: ${names.join(' or ')}`);
}

/** The first of these room versions that the server has. Ends the test as skipped if it has none. */
export async function needsRoomVersion(user: User, ...versions: string[]): Promise<string> {
  const { capabilities } = await user.ok<{
    capabilities: { 'm.room_versions'?: { available: Record<string, string> } };
  }>('GET', '/v3/capabilities');
  const available = capabilities['m.room_versions']?.available ?? {};
  return versions.find((version) => version in available) ?? skip(`no room version ${versions.join(' or ')}`);
}
