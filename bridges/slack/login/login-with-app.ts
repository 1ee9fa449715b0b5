import * as v from 'valibot';
import {
  type LoginCall,
  type LoginFlow,
  LoginInputError,
  type LoginProgress,
} from '../../core/login-flow.ts';
import { asLoginId } from '../../core/remote-ids.ts';
import { SlackError } from '../client/slack-error.ts';
import { SlackWebApi } from '../client/web-api.ts';
import { makeIngressKey } from '../intake/ingress-key.ts';
import { type SlackEnv, slackApiUrl } from '../slack-env.ts';
import { isSlackId, loginIdOf, userIdOf } from '../slack-ids.ts';
import { appManifest, newAppLink } from './app-manifest.ts';

const authSchema = v.object({
  url: v.pipe(v.string(), v.url()),
  team: v.string(),
  user: v.string(),
  team_id: v.custom<string>(isSlackId, 'not an id'),
  user_id: v.custom<string>(isSlackId, 'not an id'),
});

const fields = {
  app_id: { name: 'App ID', type: 'username', pattern: '^A[A-Z0-9]{2,29}$' },
  signing_secret: { name: 'Signing Secret', type: 'token', pattern: '^[0-9a-f]{16,128}$' },
  user_token: { name: 'User OAuth Token', type: 'token', pattern: '^xox[pe][a-zA-Z0-9.-]{10,500}$' },
} as const;

/** Made by the person from our manifest, one app per workspace: then its token sees and posts as they do. */
export const loginWithApp: LoginFlow<SlackEnv> = {
  id: 'app',
  name: 'Slack app',
  description: 'Make an app in your workspace, which takes two minutes, and paste its three secrets here.',
  start: async ({ env }) => {
    const ingressKey = makeIngressKey(env.ENCRYPTION_KEY);
    const eventsUrl = eventsUrlOf(env, ingressKey);
    return {
      state: { ingressKey },
      step: {
        type: 'user_input',
        stepId: 'secrets',
        instructions: [
          `1. Open ${newAppLink(appManifest(eventsUrl))} and create the app in your workspace.`,
          '2. Install it to the workspace ("Install App"), and copy the User OAuth Token.',
          '3. Copy App ID and Signing Secret from "Basic Information".',
          `Events are sent to ${eventsUrl}`,
        ].join('\n'),
        fields: Object.entries(fields).map(([id, field]) => ({ id, ...field })),
      },
    };
  },
  submit: finish,
};

export function eventsUrlOf(env: SlackEnv, ingressKey: string): string {
  return `${env.PUBLIC_BASE_URL.replace(/\/+$/, '')}/_bridge/slack/events/${ingressKey}`;
}

async function finish(
  { env }: LoginCall<SlackEnv>,
  _stepId: string,
  input: Record<string, string>,
  state: { ingressKey?: unknown },
): Promise<LoginProgress> {
  const [appId, signingSecret, token] = Object.entries(fields).map(([id, { name, pattern }]) => {
    const value = (input[id] ?? '').trim();
    if (!new RegExp(pattern).test(value)) throw new LoginInputError(`${name} does not look right`);
    return value;
  });
  const { url, team, user, team_id, user_id } = await whoIs(env, token ?? '');
  const ingressKey =
    typeof state.ingressKey === 'string' ? state.ingressKey : makeIngressKey(env.ENCRYPTION_KEY);
  return {
    state: {},
    step: {
      type: 'complete',
      stepId: 'done',
      instructions: `Connected. If Slack says that the Request URL is not verified, enter ${eventsUrlOf(env, ingressKey)} under "Event Subscriptions".`,
      login: {
        loginId: asLoginId(loginIdOf(team_id, user_id)),
        remoteUserId: userIdOf(team_id, user_id),
        name: `${user} @ ${team}`,
        credentials: { token: token ?? '', signingSecret: signingSecret ?? '' },
        metadata: { appId: appId ?? '', teamId: team_id, userId: user_id, teamUrl: url },
        ingressKey,
      },
    },
  };
}

async function whoIs(env: SlackEnv, token: string): Promise<v.InferOutput<typeof authSchema>> {
  try {
    return await new SlackWebApi(token, slackApiUrl(env)).call('auth.test', authSchema);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    const { failure } = error;
    if (failure.kind === 'refused')
      throw new LoginInputError(`Slack does not accept the token (${failure.code})`);
    throw new LoginInputError('Slack does not answer; please try again', 'M_UNKNOWN');
  }
}
