/** What the owner can do about a close code after which Discord wants no further connection. */
export function stopReason(code: number): string {
  switch (code) {
    case 4004:
      return 'The bot token was refused (4004)';
    case 4011:
      return 'The bot is in too many guilds for one connection (4011)';
    case 4014:
      return 'The Message Content Intent is switched off in the developer portal (4014)';
    default:
      return `Discord refused the connection (${code})`;
  }
}
