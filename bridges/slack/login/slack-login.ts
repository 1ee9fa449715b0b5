import * as v from 'valibot';
import type { Login } from '../../core/logins.ts';
import { isSlackId } from '../slack-ids.ts';

const id = v.custom<string>(isSlackId, 'not an id of Slack');

const credentialsSchema = v.object({ token: v.string(), signingSecret: v.string() });

const metadataSchema = v.object({
  appId: id,
  teamId: id,
  userId: id,
  /** `https://example.slack.com/` */
  teamUrl: v.string(),
});

export type SlackCredentials = v.InferOutput<typeof credentialsSchema>;
export type SlackMetadata = v.InferOutput<typeof metadataSchema>;

/** What the bridge stored with a login. @throws if it is not what `login-with-app.ts` stores */
export function slackLogin(login: Login): SlackCredentials & SlackMetadata {
  return { ...v.parse(credentialsSchema, login.credentials), ...v.parse(metadataSchema, login.metadata) };
}
