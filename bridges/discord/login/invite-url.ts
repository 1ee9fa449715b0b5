import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { Snowflake } from '../snowflake.ts';

/** What the bridge does on Discord, and nothing more. */
const permissions =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.SendMessagesInThreads |
  PermissionFlagsBits.CreatePublicThreads |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.ManageWebhooks |
  PermissionFlagsBits.ManageMessages;

export function inviteUrl(applicationId: Snowflake): string {
  const query = `client_id=${applicationId}&scope=bot+applications.commands&permissions=${permissions}`;
  return `https://discord.com/oauth2/authorize?${query}`;
}
