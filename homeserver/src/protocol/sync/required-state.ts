import type { StatePair } from './sliding-request.ts';

/** The pairs of `required_state` (MSC4186), taken apart. */
export interface RequiredState {
  /** `["*", "*"]`. */
  everything: boolean;
  /** Types wanted with every state key. */
  types: ReadonlySet<string>;
  /** State keys wanted of every type. */
  stateKeys: ReadonlySet<string>;
  /** Type → state keys. */
  exact: ReadonlyMap<string, ReadonlySet<string>>;
  /** Members come as the timeline needs them. */
  lazyMembers: boolean;
  /** Entries that are not wanted whatever else is said; `*` stands for all. Lazy members come nevertheless. */
  exceptions: readonly (readonly [type: string, stateKey: string])[];
}

const memberType = 'm.room.member';

/** @param userId stands for `$ME` */
export function parseRequiredState(pairs: readonly StatePair[], userId: string): RequiredState {
  const types = new Set<string>();
  const stateKeys = new Set<string>();
  const exact = new Map<string, Set<string>>();
  const exceptions: (readonly [string, string])[] = [];
  let everything = false;
  let lazyMembers = false;
  for (const [type, key, exception] of pairs) {
    const stateKey = key === '$ME' ? userId : key;
    if (exception !== undefined) exceptions.push([type, stateKey]);
    else if (type === memberType && key === '$LAZY') lazyMembers = true;
    else if (type === '*' && stateKey === '*') everything = true;
    else if (type === '*') stateKeys.add(stateKey);
    else if (stateKey === '*') types.add(type);
    else exact.set(type, (exact.get(type) ?? new Set()).add(stateKey));
  }
  return { everything, types, stateKeys, exact, lazyMembers, exceptions };
}

/** Whether an entry is wanted for itself; lazy members are not. `$LAZY` takes members out of `["*", "*"]`. */
export function wantsState(required: RequiredState, type: string, stateKey: string): boolean {
  if (required.exceptions.some((pair) => matches(pair[0], type) && matches(pair[1], stateKey))) return false;
  if (required.everything && !(required.lazyMembers && type === memberType)) return true;
  return (
    required.types.has(type) ||
    required.stateKeys.has(stateKey) ||
    (required.exact.get(type)?.has(stateKey) ?? false)
  );
}

const matches = (pattern: string, text: string) => pattern === '*' || pattern === text;

export function wantsAllMembers(required: RequiredState): boolean {
  if (required.exceptions.some(([type, key]) => matches(type, memberType) && key === '*')) return false;
  return required.types.has(memberType) || (required.everything && !required.lazyMembers);
}
