import { GatewayOpcodes } from 'discord-api-types/v10';
import * as v from 'valibot';

const frameSchema = v.variant('op', [
  v.object({
    op: v.literal(GatewayOpcodes.Dispatch),
    s: v.pipe(v.number(), v.integer()),
    t: v.pipe(v.string(), v.maxLength(100)),
    d: v.unknown(),
  }),
  v.object({
    op: v.literal(GatewayOpcodes.Hello),
    d: v.object({ heartbeat_interval: v.pipe(v.number(), v.minValue(100), v.maxValue(600_000)) }),
  }),
  v.object({ op: v.literal(GatewayOpcodes.InvalidSession), d: v.boolean() }),
  v.object({ op: v.literal(GatewayOpcodes.Heartbeat) }),
  v.object({ op: v.literal(GatewayOpcodes.HeartbeatAck) }),
  v.object({ op: v.literal(GatewayOpcodes.Reconnect) }),
]);

export type GatewayFrame = v.InferOutput<typeof frameSchema>;

const readySchema = v.object({
  session_id: v.pipe(v.string(), v.minLength(1)),
  resume_gateway_url: v.pipe(v.string(), v.url()),
});

/** @returns nothing for what is not a frame of the protocol, or one of an operation that we do not know */
export function parseFrame(text: unknown): GatewayFrame | undefined {
  if (typeof text !== 'string') return undefined;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), frameSchema), text);
  if (!result.success) return undefined;
  const frame = result.output;
  const isReady = frame.op === GatewayOpcodes.Dispatch && frame.t === 'READY';
  return isReady && !v.is(readySchema, frame.d) ? undefined : frame;
}
