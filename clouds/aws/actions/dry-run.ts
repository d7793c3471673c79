import { PennyError } from '../../../errors.ts';

/**
 * Runs what asks EC2 whether it would (`DryRun`), which answers yes with an error.
 * @throws PennyError `cloud_denied`; others as the SDK gives them
 */
export async function wouldDo(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof Error && error.name === 'DryRunOperation') return;
    throw error;
  }
  throw new PennyError('internal', 'A question whether EC2 would do something was answered as if it had been done.');
}
