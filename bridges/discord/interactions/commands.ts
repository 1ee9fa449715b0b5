import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  PermissionFlagsBits,
} from 'discord-api-types/v10';

/** What the bot offers in Discord: for those who may manage webhooks, and so the bridge. */
export const commands = [
  {
    name: 'matrix',
    description: 'The bridge to Matrix',
    type: ApplicationCommandType.ChatInput,
    default_member_permissions: PermissionFlagsBits.ManageWebhooks.toString(),
    contexts: [0],
    options: [
      {
        name: 'status',
        description: 'Whether this channel is bridged, and how the bridge does',
        type: ApplicationCommandOptionType.Subcommand,
      },
    ],
  },
];
