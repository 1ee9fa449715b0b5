/** What goes wrong in a command is told in a sentence, with exit code 1, not as a stack. */
export function failPlainly(): void {
  process.on('uncaughtException', (error: Error & { code?: string }) => {
    console.error(
      error.code === 'ERR_ADDRESS_IN_USE' ? 'This address and port are in use already.' : error.message,
    );
    process.exit(1);
  });
}
