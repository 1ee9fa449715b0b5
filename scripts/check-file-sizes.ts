import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../config/local.ts';

/** A file that outgrows review is split. Data, generated tables and vectors are exempt. */
const maxBytes = 20_000;
const exempt = [
  /^test\/(vectors|specs)\//,
  /^package-lock\.json$/,
  /Cargo\.lock$/,
  /^LICENSE$/,
  /\.generated\.ts$/,
  /\.md$/,
  /fixtures\//,
];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: projectDir,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !exempt.some((pattern) => pattern.test(file)));

const tooLarge = files
  .map((file) => ({
    file,
    bytes: statSync(path.join(projectDir, file), { throwIfNoEntry: false })?.size ?? 0,
  }))
  .filter(({ bytes }) => bytes > maxBytes);
for (const { file, bytes } of tooLarge) console.log(`${file}: ${bytes} bytes, at most ${maxBytes}`);
process.exitCode = tooLarge.length > 0 ? 1 : 0;
