/** MSC4191: what clients send a user to the account page for. */
export const accountActions = [
  'profile',
  'devices_list',
  'device_view',
  'device_delete',
  'account_deactivate',
  'cross_signing_reset',
] as const;

export type AccountAction = (typeof accountActions)[number];

const formerNames: Record<string, AccountAction> = {
  sessions_list: 'devices_list',
  session_view: 'device_view',
  session_end: 'device_delete',
};

/** As the metadata list them, former names included. */
export const actionNames = [...accountActions, ...Object.keys(formerNames)].map(
  (name) => `org.matrix.${name}`,
);

/** @returns nothing for an action that is not known: the front page is shown */
export function parseAction(text: string): AccountAction | undefined {
  const name = text.replace(/^org\.matrix\./, '');
  return accountActions.find((action) => action === name) ?? formerNames[name];
}
