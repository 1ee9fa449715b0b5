import { errorText, log } from '../../../platform/log.ts';
import type { DiscordSession } from '../client/discord-session.ts';
import { commands } from './commands.ts';

/**
 * Registers the bot's command and, where Discord can reach us and nobody else is asked yet, where it sends
 * interactions; Discord asks there at once whether signatures are checked. The bridge works without.
 */
export async function offerCommands({ api, config, applicationId }: DiscordSession): Promise<void> {
  try {
    await api.bulkSetApplicationCommands(applicationId, commands);
    if (!config.publicBaseUrl.startsWith('https://')) return;
    const url = `${config.publicBaseUrl}/_bridge/discord/interactions/${applicationId}`;
    const { interactions_endpoint_url: known } = await api.getMyApplication();
    if (!known) await api.setInteractionsUrl(url);
  } catch (error) {
    log('warn', 'discord.commands_not_offered', { applicationId, error: errorText(error) });
  }
}
