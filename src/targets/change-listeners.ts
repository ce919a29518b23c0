import { messageOf } from '../errors.ts';

/** Who wants to hear that the instances of a service have changed. One who fails keeps nobody else from hearing it. */
export class ChangeListeners {
  readonly #listeners = new Set<(service: string) => void>();
  readonly #log: (line: string) => void;

  /** @param log - Takes a line about a listener that has failed. */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Until the answer is called, or all are forgotten. */
  add(listener: (service: string) => void): () => void {
    // Wrapped, so that the same function given twice is two listeners.
    const own = (service: string) => listener(service);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(service: string): void {
    for (const listener of this.#listeners) {
      try {
        listener(service);
      } catch (error) {
        this.#log(`whoever listens for changes of ${service} failed: ${messageOf(error)}`);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
