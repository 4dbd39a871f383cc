/** When a call has to end, and whether its caller still wants it. */
import { ReturnsError } from "./errors.js";

/** The end of one call, whatever it does until then. */
export class Deadline {
  readonly #endsAt: number;
  readonly #signal: AbortSignal | undefined;

  /** A time of 0 or less means no end, as connect has it. */
  constructor(timeoutMs: number | undefined, signal: AbortSignal | undefined) {
    this.#endsAt = timeoutMs === undefined || timeoutMs <= 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    this.#signal = signal;
  }

  /** What is left, in whole milliseconds, at least 1; undefined without an end. */
  remainingMs(): number | undefined {
    return Number.isFinite(this.#endsAt) ? Math.max(1, Math.ceil(this.#endsAt - performance.now())) : undefined;
  }

  /**
   * The answer of something that may take its time; DEADLINE_EXCEEDED or CANCELLED where the call has to end before.
   */
  async before<T>(work: Promise<T>, requestId: string): Promise<T> {
    const signal = this.#signal;
    const remainingMs = this.remainingMs();
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      const end = (status: "CANCELLED" | "DEADLINE_EXCEEDED", description: string): void =>
        reject(new ReturnsError({ status, description }, { requestId }));
      onAbort = () => end("CANCELLED", "this call was cancelled");
      if (remainingMs !== undefined) {
        timer = setTimeout(() => end("DEADLINE_EXCEEDED", "the operation timed out"), remainingMs);
      }
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([ended, work]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
