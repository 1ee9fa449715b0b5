/** Where Synapse's verdict is another than the specification's, which is ours. */
export interface KnownDifference {
  cases: RegExp;
  ours: 'a' | 'r';
  theirs: 'a' | 'r' | 'e';
  because: string;
}

const notInteger = '("(10\\.0|1e1|0x10||x|1 0|- 1| )"|null|\\[\\]|\\[10\\]|\\{\\})';

export const knownDifferences: readonly KnownDifference[] = [
  {
    cases: /^1 create with a state key$/,
    ours: 'a',
    theirs: 'r',
    because:
      'Rule 1 does not look at the state key. In version 12 Synapse takes such an event for no create event; nothing of a room can rest on it here either.',
  },
  {
    cases: /^2 no create event/,
    ours: 'r',
    theirs: 'e',
    because: 'Synapse relies on the create event of version 12 being there.',
  },
  {
    cases: /^4 federate (null|a string|zero): another server$/,
    ours: 'a',
    theirs: 'r',
    because: 'Rule 4 is about `m.federate` being false; for Synapse all but true closes the room.',
  },
  {
    cases: /^4 federate false: (invite|leave|ban) of a user of another server$/,
    ours: 'a',
    theirs: 'r',
    because: 'Rule 4 is about the sender; Synapse applies it to the target of memberships too.',
  },
  {
    cases: /^(3\.2 unneeded: a message|5\.1 no (state key|membership))$/,
    ours: 'r',
    theirs: 'e',
    because: 'Synapse refuses such events before authorization; its rules rely on the members being there.',
  },
  {
    cases: /^5\.4\.1\.(2|3 no token)/,
    ours: 'r',
    theirs: 'e',
    because: 'Synapse selects the auth events by the token without looking whether there is one.',
  },
  {
    cases: /^5\.4\.1\.7 signatures: of two servers$/,
    ours: 'a',
    theirs: 'r',
    because: 'Any signature that matches is enough; Synapse gives up a key at its first one that does not.',
  },
  {
    cases: /^v1:11 redaction of nothing/,
    ours: 'r',
    theirs: 'a',
    because:
      'Rule 11 of versions 1 and 2 refuses what it does not allow; Synapse lets it pass, without effect.',
  },
  {
    cases: new RegExp(`^10 (ban|users_default|events|notifications) ${notInteger}$`),
    ours: 'a',
    theirs: 'e',
    because: 'Before version 10 only `users` must be levels; Synapse cannot compare the others.',
  },
  {
    cases: /^10(\.5 first levels:)? users ("1_0"|"٣"|true|false)$/,
    ours: 'r',
    theirs: 'a',
    because:
      'Digits of ASCII alone are an integer as text, and truth is none: it is what Python reads as one.',
  },
  {
    cases: /^10 users is /,
    ours: 'r',
    theirs: 'e',
    because: 'Synapse relies on `users` being an object.',
  },
  {
    cases: /^10\.6 power levels with a state key, above the sender$/,
    ours: 'r',
    theirs: 'a',
    because: 'Rule 10 compares with the power levels of the room; Synapse with those of the same state key.',
  },
  {
    cases: /^10 valid power levels without a state key$/,
    ours: 'a',
    theirs: 'e',
    because: 'No rule refuses such a message; Synapse relies on the state key.',
  },
  {
    cases: /^10\.3 users with ("@user:"|"@user:t wo"|"@user:two\/x"|"@user:two:x"|a name of 256 characters)$/,
    ours: 'r',
    theirs: 'a',
    because: 'Synapse looks neither at the server name of a user id nor at its length.',
  },
];
