/**
 * The one thing that pages need JavaScript for: a form with `data-options` (see `services/passkeys/options.ts`) asks the
 * browser for a passkey and is sent with its answer. Without JavaScript, or passkeys, the form stays hidden. Where
 * the browser can, it offers passkeys in the field of the user name, too.
 */
export const passkeyScript = `
(() => {
  const form = document.getElementById('passkey');
  if (!form || !window.PublicKeyCredential) return;
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const options = JSON.parse(form.dataset.options);
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const known of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) known.id = toBytes(known.id);
  const problem = document.getElementById('passkey-problem');
  let waiting;
  async function ask(mediation) {
    if (waiting) waiting.abort();
    waiting = new AbortController();
    const wish = { publicKey: options, signal: waiting.signal };
    if (mediation) wish.mediation = mediation;
    const credential = await (options.user ? navigator.credentials.create(wish) : navigator.credentials.get(wish));
    const answer = { id: credential.id, type: credential.type, response: {} };
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (credential.response[name]) answer.response[name] = toText(credential.response[name]);
    }
    form.elements.credential.value = JSON.stringify(answer);
    form.submit();
  }
  async function offer() {
    if (form.dataset.offer === undefined || !PublicKeyCredential.isConditionalMediationAvailable) return;
    if (await PublicKeyCredential.isConditionalMediationAvailable()) await ask('conditional');
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    problem.hidden = true;
    ask().catch((error) => {
      if (error.name !== 'AbortError') problem.hidden = false;
      offer().catch(() => {});
    });
  });
  for (const part of document.querySelectorAll('[data-with-passkeys]')) part.hidden = false;
  offer().catch(() => {});
})();
`;
