import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { projectDir } from '../config/local.ts';
import { type LoginField, ProvisioningClient } from './lib/provisioning-client.ts';

/** `npm run link -- slack --user @you:localhost`: goes through a bridge's login in the terminal. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    user: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8008' },
    data: { type: 'string', default: path.join(projectDir, 'data') },
    /** Which of the network's ways to log in; default: its first. */
    flow: { type: 'string' },
    /** `--set field=value` answers a question beforehand. */
    set: { type: 'string', multiple: true, default: [] },
  },
});
const [network] = positionals;
if (!network || !values.user) {
  console.error(
    'Usage: npm run link -- <slack|discord> --user @you:your.server [--url http://127.0.0.1:8008]',
  );
  process.exit(2);
}

const answers = new Map(
  values.set.map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
);
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const identity = readIdentity();
const bridge = new ProvisioningClient({
  url: values.url,
  network,
  token: identity.provisioningToken,
  userId: values.user,
});

try {
  const flow = values.flow ?? (await bridge.loginFlows())[0]?.id ?? '';
  let step = await bridge.startLogin(flow);
  while (step.type !== 'complete') {
    if (step.instructions) console.log(`\n${step.instructions}\n`);
    const input: Record<string, string> = {};
    for (const field of step.user_input?.fields ?? []) {
      const answer = answers.get(field.id) ?? (await ask(field));
      if (answer !== '') input[field.id] = answer;
    }
    step = await bridge.submitStep(step, input);
  }
  console.log(`\n${step.instructions ?? 'Connected.'}`);
} catch (error) {
  const { message } = error as Error;
  console.error(
    message === 'fetch failed' ? `Nothing answers at ${values.url}. Is Roost running there?` : message,
  );
  process.exitCode = 1;
} finally {
  terminal.close();
}

function ask(field: LoginField): Promise<string> {
  return terminal.question(`${field.name}${field.optional ? ' (may be left empty)' : ''}: `);
}

function readIdentity(): { provisioningToken: string } {
  const file = path.join(values.data, 'identity.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.error(`${file} cannot be read. Start Roost first, or name its data folder by --data.`);
    process.exit(1);
  }
}
