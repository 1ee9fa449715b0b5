import type { NetworkConnector } from '../core/network-connector.ts';
import { maxFileBytes } from './client/file-to-matrix.ts';
import { SlackClient } from './client/slack-client.ts';
import { maxMessageChars } from './convert/split-rich-text.ts';
import { teamOf } from './intake/team-stub.ts';
import { loginWithApp } from './login/login-with-app.ts';
import type { SlackEnv } from './slack-env.ts';

/** Slack, as a person sees it: by an app of their own in each workspace, with their token. */
export const slackConnector: NetworkConnector<SlackEnv> = {
  id: 'slack',
  displayName: 'Slack',
  url: 'https://slack.com',
  capabilities: {
    version: 1,
    maxTextChars: maxMessageChars,
    maxFileBytes,
    relay: false,
    threads: true,
    replies: true,
    edits: true,
    deletes: true,
    reactions: true,
    // The Events API tells neither typing nor read marks; ours go out.
    typing: false,
    readReceipts: true,
    customEmoji: false,
    initialHistory: 20,
  },
  loginFlows: [loginWithApp],
  loadLogin: (env, login) => new SlackClient(env, login),
  onLogin: (env, login) => teamOf(env, login.loginId).start(),
  onLogout: (env, login) => teamOf(env, login.loginId).stop(),
};
