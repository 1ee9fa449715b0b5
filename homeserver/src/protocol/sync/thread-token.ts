/** Token of `/thread_subscriptions` (MSC4308): what changed before this position of the user's stream. */
export function formatThreadToken(position: number): string {
  return `t${position}`;
}

export function parseThreadToken(text: string): number | undefined {
  const match = /^t(\d{1,15})$/.exec(text);
  return match ? Number(match[1]) : undefined;
}
