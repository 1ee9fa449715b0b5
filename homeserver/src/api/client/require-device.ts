import { missingParam } from '../../../../matrix/errors.ts';
import type { Requester } from '../endpoint.ts';

/**
 * For what belongs to a device: an application service must name the one it acts as (MSC3202).
 * @throws `M_MISSING_PARAM`
 */
export function requireDevice(requester: Requester): Requester {
  if (requester.appservice && requester.deviceId === `appservice:${requester.appservice.id}`) {
    throw missingParam('This needs a device: name it by device_id');
  }
  return requester;
}
