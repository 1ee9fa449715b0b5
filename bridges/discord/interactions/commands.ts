import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord-api-types/v10';

/** What the bot offers in Discord. Who may use it is checked with the interaction. */
export const commands = [
  {
    name: 'matrix',
    description: 'The bridge to Matrix',
    type: ApplicationCommandType.ChatInput,
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
