import type { CloudInventory, CloudRun, OpenCloud } from '../clouds/contract.ts';
import { storeAccounts } from '../db/accounts.ts';
import type { Db } from '../db/client.ts';
import { type InventoryResult, storeInventory } from '../db/inventory.ts';

/** What an inventory changed, and what of the cloud could not be read. */
export interface LoadedInventory extends InventoryResult {
  billingAccountId: string;
  accounts: number;
  /** How many parts were read to the end. */
  parts: number;
  gaps: CloudInventory['gaps'];
}

/**
 * Reads what the accounts of a cloud hold and stores it. The cloud is read before the database is touched, so that no
 * transaction waits for it.
 * @throws PennyError what `readInventory` throws, `database_unavailable`
 */
export async function loadInventory({
  cloud,
  db,
  now,
  ...run
}: CloudRun & { cloud: Pick<OpenCloud, 'readInventory'>; db: Db; now: Date }): Promise<LoadedInventory> {
  const inventory = await cloud.readInventory(run);
  try {
    const { billingAccountId, accounts, resources, complete, gaps } = inventory;
    await storeAccounts(db, accounts);
    const stored = await storeInventory(db, { observedAt: now, billingAccountId, resources, complete });
    return { ...stored, billingAccountId, accounts: accounts.length, parts: complete.length, gaps };
  } finally {
    inventory.close();
  }
}
