/** Pages that a login may lead on to; nothing else, so that the link to a login cannot send anybody elsewhere. */
const pages = [
  '/oauth2/authorize',
  '/oauth2/sso',
  '/oauth2/fallback',
  '/oauth2/upstream/link',
  '/link',
  '/account',
  '/account/passkeys',
  '/account/recovery-codes',
  '/account/password',
  '/account/invitations',
];

/** @returns a path of our own with its query; the account page if the wish is not one of ours */
export function nextPage(wished: string): string {
  const path = wished.split('?', 1)[0] ?? '';
  return pages.includes(path) && /^[\x21-\x7e]{1,8000}$/.test(wished) && !wished.includes('\\')
    ? wished
    : '/account';
}

export function withNext(path: `/oauth2/${'login' | 'login/recovery' | 'register'}`, next: string): string {
  return `${path}?${new URLSearchParams({ next })}`;
}

/** The user that the client expects, as far as its hint tells (`mxid:@user:server` or text). */
export function hintedName(next: string): string {
  const hint = new URL(next, 'https://roost.invalid').searchParams.get('login_hint') ?? '';
  return hint.replace(/^mxid:/, '').slice(0, 255);
}
