import { connect, createServer, type Socket } from 'node:net';

/** A port that stays the same while the server behind it changes its own, as a service in front of a database does. */
export interface Relay {
  port: number;
  /** Sends new connections to this port; 0: refuses them. */
  aim(port: number): void;
  close(): void;
}

export async function openRelay(): Promise<Relay> {
  let target = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (target === 0) return near.destroy();
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    aim(port) {
      target = port;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
