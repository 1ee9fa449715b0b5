import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10';
import type { Snowflake } from '../snowflake.ts';
import type { RolePermissions } from './storage/guilds.ts';

export interface Overwrite {
  id: Snowflake;
  type: number;
  allow: string;
  deny: string;
}

/**
 * Documentation, "Permissions": base permissions of the roles, then the channel's overwrites for everyone,
 * for the roles, for the member.
 */
export function maySeeChannel(
  roles: RolePermissions,
  guildId: Snowflake,
  botUserId: Snowflake,
  overwrites: readonly Overwrite[],
): boolean {
  const base = Object.values(roles).reduce((bits, permissions) => bits | BigInt(permissions), 0n);
  if (base & PermissionFlagsBits.Administrator) return true;
  const isOurs = ({ type, id }: Overwrite) =>
    type === OverwriteType.Role ? id !== guildId && id in roles : false;
  const steps = [
    overwrites.filter(({ type, id }) => type === OverwriteType.Role && id === guildId),
    overwrites.filter(isOurs),
    overwrites.filter(({ type, id }) => type === OverwriteType.Member && id === botUserId),
  ];
  const bits = steps.reduce((before, step) => {
    const denied = step.reduce((sum, { deny }) => sum | BigInt(deny), 0n);
    const allowed = step.reduce((sum, { allow }) => sum | BigInt(allow), 0n);
    return (before & ~denied) | allowed;
  }, base);
  return (bits & PermissionFlagsBits.ViewChannel) !== 0n;
}
