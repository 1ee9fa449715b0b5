import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectDir } from '../config/local.ts';
import { rotateSigningKey } from './lib/data-dir.ts';
import { failPlainly } from './lib/fail-plainly.ts';

/** `npm run rotate-key`: a new key for the server on this machine to sign by, as when the old one may be known to others. */
const { values } = parseArgs({
  options: { data: { type: 'string', default: path.join(projectDir, 'data') } },
});

failPlainly();
const { oldKeyId, newKeyId } = rotateSigningKey(path.resolve(values.data), Date.now());
console.log(`From its next start on the server signs by ${newKeyId}.
${oldKeyId} stays published, for what it has signed until now: stop the server and start it again at once.`);
