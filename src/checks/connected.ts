import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection over TCP. The signal ends it, also once it is there: whoever reads from it sees that it was closed. */
export async function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  // Whoever waits for something is told; an error that nobody waits for would end the process.
  socket.on('error', () => {});
  const end = () => void socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', end));
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
