/** Tests that Roost fails so far, by full name, with the cause. One that passes fails the run until it is removed. */
export const knownFailures: Record<string, string> = {};
