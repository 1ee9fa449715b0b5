/** A refusal with Discord's own code, which matters more to clients than the HTTP status. */
export class DiscordApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: Record<string, unknown> | undefined;

  constructor(status: number, code: number, message: string, errors?: Record<string, unknown>) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  get body(): Record<string, unknown> {
    return { message: this.message, code: this.code, ...(this.errors ? { errors: this.errors } : {}) };
  }
}

export const generalNotFound = () => new DiscordApiError(404, 0, '404: Not Found');
export const unauthorized = () => new DiscordApiError(401, 0, '401: Unauthorized');
export const methodNotAllowed = () => new DiscordApiError(405, 0, '405: Method Not Allowed');
export const unknownChannel = () => new DiscordApiError(404, 10003, 'Unknown Channel');
export const unknownGuild = () => new DiscordApiError(404, 10004, 'Unknown Guild');
export const unknownMember = () => new DiscordApiError(404, 10007, 'Unknown Member');
export const unknownMessage = () => new DiscordApiError(404, 10008, 'Unknown Message');
export const unknownUser = () => new DiscordApiError(404, 10013, 'Unknown User');
export const unknownEmoji = () => new DiscordApiError(400, 10014, 'Unknown Emoji');
export const unknownWebhook = () => new DiscordApiError(404, 10015, 'Unknown Webhook');
export const unknownInteraction = () => new DiscordApiError(404, 10062, 'Unknown interaction');
export const tooManyWebhooks = () =>
  new DiscordApiError(400, 30007, 'Maximum number of webhooks reached (15)');
export const tooManyReactions = () =>
  new DiscordApiError(400, 30010, 'Maximum number of reactions reached (20)');
export const alreadyAnswered = () =>
  new DiscordApiError(400, 40060, 'Interaction has already been acknowledged.');
export const requestTooLarge = () => new DiscordApiError(413, 40005, 'Request entity too large');
export const missingAccess = () => new DiscordApiError(403, 50001, 'Missing Access');
export const wrongAuthor = () =>
  new DiscordApiError(403, 50005, 'Cannot edit a message authored by another user');
export const emptyMessage = () => new DiscordApiError(400, 50006, 'Cannot send an empty message');
export const missingPermissions = () => new DiscordApiError(403, 50013, 'Missing Permissions');
export const badWebhookToken = () => new DiscordApiError(401, 50027, 'Invalid Webhook Token');
export const threadAlreadyCreated = () =>
  new DiscordApiError(400, 160004, 'A thread has already been created for this message');
export const threadArchived = () => new DiscordApiError(400, 50083, 'Thread is archived');
export const wrongChannelType = () =>
  new DiscordApiError(400, 50024, 'Cannot execute action on this channel type');
export const bulkDeleteTooOld = () =>
  new DiscordApiError(400, 50034, 'You can only bulk delete messages that are under 14 days old.');
export const forumNeedsThread = () =>
  new DiscordApiError(400, 220001, 'Webhooks posted to forum channels must have a thread_name or thread_id');

/** 50035 with the offending field, nested as Discord nests it. `path` is dotted. */
export function invalidFormBody(path: string, code: string, message: string): DiscordApiError {
  let errors: Record<string, unknown> = { _errors: [{ code, message }] };
  for (const key of path.split('.').reverse()) errors = { [key]: errors };
  return new DiscordApiError(400, 50035, 'Invalid Form Body', errors);
}
