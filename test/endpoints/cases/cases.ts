import type { Cases } from '../lib/case.ts';
import { account } from './account.ts';
import { encryption } from './encryption.ts';
import { media } from './media.ts';
import { membership } from './membership.ts';
import { messages } from './messages.ts';
import { people } from './people.ts';
import { rooms } from './rooms.ts';
import { services } from './services.ts';

export const cases: Cases = {
  ...account,
  ...encryption,
  ...media,
  ...membership,
  ...messages,
  ...people,
  ...rooms,
  ...services,
};
