/** Keys to sign with, and when they end. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: Date | undefined;
}

/** Returns credentials; with `forceRefresh` it asks where they come from, whatever it remembers. */
export type CredentialsSource = (options?: { forceRefresh?: boolean }) => Promise<Credentials>;

/** The credentials of one account, which all its clients share, so that its role is assumed once and not by each of them. */
export interface SharedCredentials {
  /** Returns those in force; asks for new ones shortly before they end. */
  get(): Promise<Credentials>;
  /** Gets new ones because `refused` were not taken, unless somebody has done so already. */
  renew(refused: Credentials): Promise<void>;
}

/** Credentials are renewed this long before they end. */
const MARGIN_MS = 5 * 60_000;

/** Returns what `source` gives, asked as seldom as may be. `now` is the time in milliseconds. */
export function shareCredentials(source: CredentialsSource, now: () => number): SharedCredentials {
  let current: Promise<Credentials> | undefined;
  const ask = (): Promise<Credentials> => {
    const asked = source({ forceRefresh: true });
    current = asked;
    // A failure is not remembered: the next call tries again.
    asked.catch(() => {
      if (current === asked) current = undefined;
    });
    return asked;
  };
  return {
    async get() {
      const pending = current ?? ask();
      const known = await pending;
      if (known.expiration === undefined || known.expiration.getTime() - MARGIN_MS > now()) return known;
      return current === pending ? ask() : (current ?? ask());
    },
    async renew(refused) {
      const known = await current;
      if (known === undefined || known.accessKeyId === refused.accessKeyId) await ask();
    },
  };
}
