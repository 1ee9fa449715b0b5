import { notFound } from '../../../../../matrix/errors.ts';

/** MSC3814, where all of it lives. */
export const dehydratedDevicePath = '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device';

export const noDehydratedDevice = () => notFound('No dehydrated device');
