/**
 * A single-use link to the page that makes the owner's account, or nothing if there is an account already.
 * @param url where the homeserver answers; @param publicBaseUrl where the owner's browser finds it
 */
export async function ownerSetupLink(
  url: string,
  publicBaseUrl: string,
  adminToken: string,
): Promise<string | undefined> {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}/_roost/admin/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const { count } = await call('GET', 'accounts/count');
  if (count !== 0) return undefined;
  const { token } = await call('POST', 'registration_tokens', { uses: 1, admin: true });
  return `${publicBaseUrl}/setup?token=${encodeURIComponent(String(token))}`;
}
