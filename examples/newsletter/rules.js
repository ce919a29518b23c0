/** The address in the body of a subscription; null: there is none. */
export function addressOf(text) {
  try {
    const { address } = JSON.parse(text);
    return typeof address === 'string' && /^[^\s<>@]{1,64}@[^\s<>@.]+(\.[^\s<>@.]+)+$/.test(address) ? address : null;
  } catch {
    return null;
  }
}

/** Whether a request may change something: a page of another site may not. */
export function originIsFine(given, own) {
  return given === own;
}

/** So many requests of one client in some time. */
export class RateLimit {
  #most;
  #perMs;
  #clients = new Map();

  constructor(most, perMs) {
    this.#most = most;
    this.#perMs = perMs;
  }

  /** Milliseconds until this client may ask again; 0: now, and it has. */
  waitMs(client, nowMs) {
    const known = this.#clients.get(client);
    const window = known && known.sinceMs + this.#perMs > nowMs ? known : { sinceMs: nowMs, asked: 0 };
    if (window.asked >= this.#most) return window.sinceMs + this.#perMs - nowMs;
    window.asked += 1;
    if (this.#clients.size > 10_000) this.#clients.clear();
    this.#clients.set(client, window);
    return 0;
  }
}
