import * as v from 'valibot';
import { shortText } from '../request-fields.ts';

/** An address outside Matrix in a request; the identity server is named by host and port. */
export const thirdPartyAddress = v.pipe(
  v.object({ id_server: shortText, id_access_token: shortText, medium: shortText, address: shortText }),
  v.transform(({ id_server: idServer, id_access_token: idAccessToken, medium, address }) => ({
    idServer,
    idAccessToken,
    medium,
    address,
  })),
);
