import type { Clock } from '../loopback/clock.ts';

const discordEpochMs = 1_420_070_400_000n;

/** Discord's ids: milliseconds since 2015 above 22 bits of counter. Each is greater than the one before. */
export class Snowflakes {
  readonly #clock: Clock;
  #last = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): string {
    const fromTime = (BigInt(this.#clock.nowMs()) - discordEpochMs) << 22n;
    this.#last = fromTime > this.#last ? fromTime : this.#last + 1n;
    return this.#last.toString();
  }
}

export function compareSnowflakes(a: string, b: string): number {
  const left = BigInt(a);
  const right = BigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function isSnowflake(text: string): boolean {
  return /^\d{17,20}$/.test(text);
}
