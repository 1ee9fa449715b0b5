/** 18 random bytes as 24 characters of base64url: for ids that nobody can guess. */
export function randomName(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('base64url');
}
