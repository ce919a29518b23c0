import type { Receiver } from './forwarding.ts';
import { UpstreamConnection, type UpstreamRules } from './upstream.ts';

/** Idle connections kept per instance; more are closed. */
const idleConnectionsMax = 256;
const backOffFirstMs = 100;
const backOffMaxMs = 5_000;

/** An instance of a version: its idle connections, and whether it takes connections at all. */
export class Endpoint {
  readonly host: string;
  readonly port: number;
  private readonly rules: UpstreamRules;
  private readonly idle: UpstreamConnection[] = [];
  private failures = 0;
  private downUntilMs = 0;
  private retired = false;

  constructor(host: string, port: number, rules: UpstreamRules) {
    this.host = host;
    this.port = port;
    this.rules = rules;
  }

  /** False while it is left alone after a failed connection. When that is over one request may try, the others still wait. */
  isUp(nowMs: number): boolean {
    if (this.failures === 0) return true;
    if (nowMs < this.downUntilMs) return false;
    this.downUntilMs = nowMs + this.rules.timeouts.connect;
    return true;
  }

  get isHealthy(): boolean {
    return this.failures === 0;
  }

  /**
   * An idle connection, the one used last. The version may be closing it at this moment: a request that cannot be repeated gets
   * only one that was in use within the last second.
   */
  takeIdle(nowMs: number, repeatable: boolean): UpstreamConnection | null {
    const connection = this.idle.at(-1);
    if (connection === undefined || (!repeatable && nowMs - connection.idleSinceMs > 1_000)) return null;
    this.idle.pop();
    return connection;
  }

  /** Opens a connection; `receiver` hears `connected` or `failed`. */
  connect(receiver: Receiver): UpstreamConnection {
    return new UpstreamConnection(this, this.rules, receiver);
  }

  /** Takes back a connection that is ready for another request. */
  release(connection: UpstreamConnection): void {
    if (this.retired || this.idle.length >= idleConnectionsMax) connection.destroy();
    else this.idle.push(connection);
  }

  forget(connection: UpstreamConnection): void {
    const index = this.idle.indexOf(connection);
    if (index >= 0) this.idle.splice(index, 1);
  }

  connectSucceeded(): void {
    this.failures = 0;
  }

  connectFailed(nowMs: number): void {
    this.failures++;
    this.downUntilMs = nowMs + Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(this.failures - 1, 10));
  }

  /** It is in no route any more: what runs may end, nothing is kept. */
  retire(): void {
    this.retired = true;
    for (const connection of this.idle.splice(0)) connection.destroy();
  }
}
