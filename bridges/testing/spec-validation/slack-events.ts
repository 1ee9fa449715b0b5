import { Ajv } from 'ajv';
import { describeErrors } from './describe-errors.ts';
import { isObjectShape, type ObjectShape, type Shape } from './shape-union.ts';
import { messageFields, ShapeValidators } from './slack-shapes.ts';
import { readSpec } from './spec-files.ts';
import type { ViolationLog } from './violations.ts';

/** Samples whose name does not follow from the event's type. */
const messageSamples: Record<string, string> = {
  '': 'MessagePayload',
  bot_message: 'MessageBotPayload',
  message_changed: 'MessageChangedPayload',
  message_deleted: 'MessageDeletedPayload',
  file_share: 'MessageFileSharePayload',
  thread_broadcast: 'MessageThreadBroadcastPayload',
  me_message: 'MessageMePayload',
  channel_join: 'MessageChannelJoinPayload',
  channel_leave: 'MessageChannelLeavePayload',
  channel_topic: 'MessageChannelTopicPayload',
  channel_purpose: 'MessageChannelPurposePayload',
  channel_name: 'MessageChannelNamePayload',
  // The private channels' twins differ from these in the subtype alone.
  group_join: 'MessageChannelJoinPayload',
  group_leave: 'MessageChannelLeavePayload',
  group_topic: 'MessageGroupTopicPayload',
  group_purpose: 'MessageChannelPurposePayload',
  group_name: 'MessageChannelNamePayload',
};

function pascalCase(type: string): string {
  return type
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function sampleName(event: Record<string, unknown>): string | undefined {
  if (event.type === 'message') return messageSamples[String(event.subtype ?? '')];
  return `${pascalCase(String(event.type))}Payload`;
}

/** The envelopes of rarely seen samples are old. */
const envelopeFields: ObjectShape = {
  context_team_id: 'string',
  context_enterprise_id: 'string',
  event_context: 'string',
  is_ext_shared_channel: 'boolean',
  authorizations: 'any',
};

function amend(name: string, shape: ObjectShape): Shape {
  const { event } = shape;
  if (!isObjectShape(event)) return shape;
  const fields = name.startsWith('Message') ? { ...event, ...messageFields() } : event;
  return { ...shape, ...envelopeFields, event: { ...fields, event_ts: 'ts' } };
}

const events = new ShapeValidators('events', amend);

/** `authed_users` gave way to `authorizations` in 2020 (docs.slack.dev/apis/events-api#authorizations). */
function wrapperSchema(): Record<string, unknown> {
  const schema = readSpec('slack/event-wrapper.schema.json') as { required: string[] };
  return { ...schema, required: schema.required.filter((field) => field !== 'authed_users') };
}

const wrapper = new Ajv({ strict: false, allErrors: true }).compile(wrapperSchema());

/** Checks an event with its envelope before it is signed and sent. */
export function checkEventEnvelope(violations: ViolationLog, envelope: Record<string, unknown>): void {
  const event = envelope.event as Record<string, unknown>;
  const operation = `${String(event.type)}${event.subtype ? `/${String(event.subtype)}` : ''}`;
  const add = (message: string) => violations.add({ where: 'event', operation, message, body: envelope });
  if (!wrapper(envelope)) add(describeErrors(wrapper));
  const name = sampleName(event);
  if (!name || !events.has(name)) {
    add('no sample of this event');
    return;
  }
  const errors = events.errors(name, envelope);
  if (errors) add(errors);
}
