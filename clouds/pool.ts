/**
 * Does `work` for each item, at most `limit` at a time. The first failure, or the signal, keeps further items from being
 * begun; it is thrown once those under way have ended.
 */
export async function eachOf<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = items.values();
  let isFailed = false;
  const worker = async () => {
    for (const item of waiting) {
      if (isFailed) return;
      try {
        signal?.throwIfAborted();
        await work(item);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
