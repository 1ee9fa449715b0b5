import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';

/** An authority for tests, and certificates of it: X.509 (RFC 5280), as much of it as TLS asks for. */

export interface Certificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
}

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string) =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
const critical = der(0x01, Buffer.from([0xff]));
const extension = (id: string, isCritical: boolean, value: Uint8Array) =>
  sequence(oid(id), ...(isCritical ? [critical] : []), der(0x04, value));

export class CertificateAuthority {
  /** PEM. */
  readonly cert: string;
  readonly #key: KeyObject;
  readonly #name: string;

  /** @param known of one that another process made, as `toPem` gives it */
  constructor(name = 'Test authority', known?: Certificate) {
    this.#key = known
      ? createPrivateKey(known.key)
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    this.#name = name;
    if (known) {
      this.cert = known.cert;
      return;
    }
    const isAuthority = extension('551d13', true, sequence(critical));
    const signsCertificates = extension('551d0f', true, der(0x03, Buffer.from([0x02, 0x04])));
    this.cert = this.#certify(name, createPublicKey(this.#key), [isAuthority, signsCertificates]);
  }

  toPem(): Certificate {
    return { cert: this.cert, key: this.#key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  /** @param names host names and addresses that it is for */
  issue(...names: string[]): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const alternatives = names.map((name) =>
      isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
    );
    const forNames = extension('551d11', false, sequence(...alternatives));
    const forServers = extension('551d25', false, sequence(oid('2b06010505070301')));
    return {
      cert: this.#certify(names[0] ?? '', publicKey, [forNames, forServers]),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  #certify(name: string, publicKey: KeyObject, extensions: Uint8Array[]): string {
    const [hourMs, nowMs] = [60 * 60_000, Date.now()];
    const toBeSigned = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ecdsaWithSha256,
      commonName(this.#name),
      sequence(time(new Date(nowMs - hourMs)), time(new Date(nowMs + 24 * hourMs))),
      commonName(name),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', toBeSigned, this.#key);
    const certificate = sequence(
      toBeSigned,
      ecdsaWithSha256,
      der(0x03, Buffer.concat([Buffer.from([0]), signature])),
    );
    const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }
}
