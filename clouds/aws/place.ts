import type { CallCounter } from './calls.ts';
import type { Credentials, CredentialsSource, SharedCredentials } from './credentials.ts';
import { awsError, isExpired } from './errors.ts';

/** What every client is made with. */
export interface ClientSettings {
  region: string;
  credentials: () => Promise<Credentials>;
  retryMode: 'adaptive';
  maxAttempts: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number };
  endpoint?: string;
  forcePathStyle?: boolean;
}

/** What of a client the factory needs; every client of the SDK has it. */
interface AnyClient {
  destroy(): void;
  send(command: unknown, options?: object): Promise<unknown>;
  middlewareStack: {
    add(middleware: Middleware, options: { step: 'initialize'; name: string; priority: 'high' }): void;
    addRelativeTo(middleware: Middleware, options: { relation: 'after'; toMiddleware: string; name: string }): void;
  };
  config: { credentials: CredentialsSource };
}
type Next = (args: never) => Promise<never>;
type MiddlewareContext = { clientName?: string; commandName?: string };
type Middleware = (next: Next, context: MiddlewareContext) => Next;

/** Makes clients for one account and region. `close` lets go of their connections. */
export interface AwsPlace {
  /** Null: the account of the credentials Penny runs with. */
  accountId: string | null;
  region: string;
  /** Returns the client of a class of the SDK, the same one each time. */
  client<Client extends { destroy(): void }>(type: new (settings: ClientSettings) => Client): Client;
  close(): void;
}

const MAX_ATTEMPTS = 6;
const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 60_000 };

export interface PlaceSettings {
  accountId: string | null;
  region: string;
  credentials: SharedCredentials;
  calls: CallCounter;
  endpoint: string | undefined;
  /** Whether buckets are named in the path and not in the host. */
  isElsewhere: boolean;
  /** Ends calls under way, and the waiting between their attempts. */
  signal: AbortSignal | undefined;
}

/** Returns the maker of clients for one account and region. */
export function makePlace(settings: PlaceSettings): AwsPlace {
  const { accountId, region, credentials, endpoint, isElsewhere } = settings;
  const clients = new Map<unknown, { destroy(): void }>();
  return {
    accountId,
    region,
    client<Client extends { destroy(): void }>(type: new (settings: ClientSettings) => Client): Client {
      const known = clients.get(type);
      if (known !== undefined) return known as Client;
      const made = new type({
        region,
        credentials: () => credentials.get(),
        retryMode: 'adaptive',
        maxAttempts: MAX_ATTEMPTS,
        requestHandler: TIMEOUTS,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(isElsewhere ? { forcePathStyle: true } : {}),
      });
      watch(made as unknown as AnyClient, settings);
      clients.set(type, made);
      return made;
    },
    close() {
      for (const one of clients.values()) one.destroy();
      clients.clear();
    },
  };
}

function watch(client: AnyClient, { accountId, region, credentials, calls, signal }: PlaceSettings): void {
  const { middlewareStack, config } = client;
  if (signal !== undefined) {
    const send = client.send.bind(client);
    client.send = (command, options) => send(command, { abortSignal: signal, ...options });
  }
  const told = (error: unknown, operation: string) =>
    signal?.aborted ? signal.reason : awsError(error, { operation, accountId, region });
  middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const operation = operationOf(context);
        if (!isExpired(error)) throw told(error, operation);
        await credentials.renew(await config.credentials());
        await config.credentials({ forceRefresh: true });
        return await next(args).catch((again) => {
          throw told(again, operation);
        });
      }
    },
    { step: 'initialize', name: 'pennyFailures', priority: 'high' },
  );
  // Within the retries, so that each attempt counts.
  middlewareStack.addRelativeTo(
    (next, context) => async (args) => {
      calls.count(operationOf(context));
      return next(args);
    },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'pennyCalls' },
  );
}

/** Returns a name such as 'EC2.DescribeInstances'. */
function operationOf({ clientName = '', commandName = '' }: MiddlewareContext): string {
  return `${clientName.replace(/Client$/, '')}.${commandName.replace(/Command$/, '')}`;
}
