import type { ClientEvent } from './events.ts';
import type { Answer } from './http.ts';
import type { User } from './user.ts';

export interface SlidingRoom {
  initial?: boolean;
  name?: string;
  heroes?: { user_id: string; displayname?: string }[];
  is_dm?: boolean;
  required_state?: ClientEvent[];
  timeline?: ClientEvent[];
  invite_state?: ClientEvent[];
  prev_batch?: string;
  limited?: boolean;
  num_live?: number;
  bump_stamp?: number;
  joined_count?: number;
  invited_count?: number;
}

export interface SlidingAnswer {
  pos: string;
  txn_id?: string;
  lists?: Record<string, { count: number }>;
  rooms?: Record<string, SlidingRoom>;
  extensions?: {
    to_device?: { next_batch: string; events?: { type: string; content: object }[] };
    e2ee?: {
      device_one_time_keys_count?: Record<string, number>;
      device_unused_fallback_key_types?: string[];
      device_lists?: { changed?: string[] };
    };
    account_data?: {
      global?: { type: string; content: object }[];
      rooms?: Record<string, { type: string }[]>;
    };
    receipts?: { rooms?: Record<string, { type: string; content: object }> };
    typing?: { rooms?: Record<string, { type: string; content: { user_ids: string[] } }> };
  };
  errcode?: string;
}

const path = '/unstable/org.matrix.simplified_msc3575/sync';

export function slidingCall(
  user: User,
  body: Record<string, unknown>,
  options: { pos?: string; timeout?: number } = {},
): Promise<Answer<SlidingAnswer>> {
  return user.call<SlidingAnswer>('POST', path, body, { timeout: 0, ...options });
}

export function slidingSync(
  user: User,
  body: Record<string, unknown>,
  options: { pos?: string; timeout?: number } = {},
): Promise<SlidingAnswer> {
  return user.ok<SlidingAnswer>('POST', path, body, { timeout: 0, ...options });
}
