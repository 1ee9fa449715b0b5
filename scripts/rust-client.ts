import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectDir } from '../config/local.ts';
import { Browser } from '../test/harness/browser.ts';
import { register } from '../test/harness/matrix-client.ts';
import { goThrough } from '../test/harness/oauth-browser.ts';
import { freePort, Roost } from '../test/harness/roost.ts';
import { startTestTlsFront } from '../test/harness/tls-front.ts';

/**
 * `npm run rust-client`: Element X's own stack (matrix-rust-sdk) uses a server that is started for it. Needs
 * cargo, crates.io and openssl; without them it is skipped. The first build takes some minutes and about 2 GB in the
 * user's cache folder. Arguments choose chapters (`src/main.rs` lists them); `RUST_LOG` shows what the SDK does.
 */
const crateDir = path.join(projectDir, 'scripts/rust-client');
const targetDir = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'roost-rust-client',
);
const cargoEnv = { ...process.env, CARGO_TARGET_DIR: targetDir };
const password = 'a long password';
const chapters = process.argv.slice(2);

const missing = whatIsMissing();
if (missing) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else if (
  spawnSync('cargo', ['build', '--locked'], { cwd: crateDir, env: cargoEnv, stdio: 'inherit' }).status
) {
  console.log('the client does not compile\n0 passed, 1 failed');
  process.exitCode = 1;
} else {
  process.exitCode = await useServer();
}

/** @returns why the client cannot be built on this machine */
function whatIsMissing(): string | undefined {
  for (const [program, argument] of [
    ['cargo', '--version'],
    ['openssl', 'version'],
  ] as const) {
    if (spawnSync(program, [argument]).status !== 0) return `${program} is not installed`;
  }
  const fetched = spawnSync('cargo', ['fetch', '--locked'], {
    cwd: crateDir,
    env: cargoEnv,
    encoding: 'utf8',
  });
  if (fetched.status !== 0) return `crates cannot be had: ${fetched.stderr.trim().split('\n').at(-1)}`;
  return undefined;
}

/** @returns the client's exit code */
async function useServer(): Promise<number> {
  // The SDK revokes tokens over TLS alone.
  const port = await freePort();
  const front = await startTestTlsFront(port);
  const roost = await Roost.start({ port, env: { HS_CLIENT_URL: front.url } });
  try {
    for (const username of ['ann', 'bob', 'cleo']) await register(roost.url, username, password);
    const client = spawn(path.join(targetDir, 'debug/rust-client'), [front.url, ...chapters], {
      env: { ...process.env, ANN: `ann:${password}`, BOB: `bob:${password}` },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise<number>((resolve) => client.on('exit', (code) => resolve(code ?? 1)));
    let summary = '0 passed, 1 failed';
    for await (const line of createInterface({ input: client.stdout })) {
      if (line.startsWith('@')) client.stdin.write(`${await obey(line, roost, front.url)}\n`);
      else if (/^\d+ passed/.test(line)) summary = line;
      else console.log(line);
    }
    const code = await ended;
    const complaints = roost.logLines.filter((line) => /"level":"(warn|error)"/.test(line));
    if (complaints.length > 0) console.log(`The server complained:\n${complaints.join('\n')}`);
    console.log(summary);
    return code;
  } finally {
    await front.stop();
    await roost.stopAndRemove();
  }
}

/** Does what the client cannot do. @returns the line that it waits for */
async function obey(line: string, roost: Roost, origin: string): Promise<string> {
  const [command, username = '', url = ''] = line.split(' ');
  try {
    if (command === '@stop') await roost.stop();
    else if (command === '@start') await roost.start();
    else if (command === '@open') {
      return (await goThrough(new Browser(origin), url, { username, password })).url;
    } else return 'an unknown command';
    return 'done';
  } catch (error) {
    return String(error).replaceAll('\n', ' ');
  }
}
