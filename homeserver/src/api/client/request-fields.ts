import * as v from 'valibot';
import { type DeviceId, parseDeviceId } from '../../../../matrix/identifiers.ts';

/** Members that the bodies of several endpoints have in common. */

export const deviceIdField = v.pipe(
  v.string(),
  v.check((text) => parseDeviceId(text) !== undefined, 'not a device id'),
  v.transform((text) => text as DeviceId),
);

export const displayNameField = v.pipe(v.string(), v.maxLength(256));

/** Any text that is looked at only to be compared or parsed further. */
export const shortText = v.pipe(v.string(), v.maxLength(1024));
