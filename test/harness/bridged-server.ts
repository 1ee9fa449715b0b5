import { Roost, type RoostOptions } from './roost.ts';
import { SynapseWithBridge } from './synapse-with-bridge.ts';

/** A homeserver with a bridge: what tests of bridges need of it. */
export interface BridgedServer {
  readonly url: string;
  /** What answers below `/_bridge/`. */
  readonly bridgesUrl: string;
  /** Everything that the bridge logged. */
  readonly logLines: readonly string[];
  /** Ends the bridge at once, as a power cut would; its homeserver too, if they are one. */
  kill(): Promise<void>;
  /** Starts again what was killed, on the same data and addresses. */
  start(): Promise<void>;
  stopAndRemove(): Promise<void>;
  identity(): { provisioningToken: string };
}

export type NetworkUrls = Pick<RoostOptions, 'slackApiUrl' | 'discordApiUrl' | 'discordCdnUrl'>;

/** Roost; or another homeserver with the bridge beside it, as `scripts/bridges-synapse.ts` wants it. */
export function startBridgedServer(network: 'slack' | 'discord', urls: NetworkUrls): Promise<BridgedServer> {
  return process.env.FLOWS_HOMESERVER === 'synapse'
    ? SynapseWithBridge.start(network, urls)
    : Roost.start({ bridges: true, ...urls });
}
