import { expect, test } from 'vitest';
import { renderCharges } from '../../staging/golden.fixture.ts';

test('the sample becomes the charges of the golden file', async () => {
  await expect(await renderCharges(new URL('focus.sample.csv', import.meta.url).pathname)).toMatchFileSnapshot(
    'focus.golden.txt',
  );
});
