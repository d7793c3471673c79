import pg from 'pg';

/**
 * Returns a pool whose connections are made with the address of the moment: after it has changed, each new connection uses the new
 * one, and each connection made with the old one is closed when whoever has it is done with it. No query is broken off or
 * refused; a connection that nobody uses is gone after the pool's idle timeout of ten seconds.
 */
export function rotatingPool(options: pg.PoolConfig, address: () => string): pg.Pool {
  const madeWith = new WeakMap<pg.ClientBase, string>();
  class Client extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      const connectionString = address();
      super({ ...config, connectionString });
      madeWith.set(this, connectionString);
    }
  }
  const pool = new pg.Pool({ ...options, Client });
  // The pool looks after this event whether the connection is ending, and then takes it out.
  pool.on('release', (_error, client) => {
    if (madeWith.get(client) !== address()) client.end().catch(() => {});
  });
  return pool;
}
