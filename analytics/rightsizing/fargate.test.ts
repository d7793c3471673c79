import { expect, test } from 'vitest';
import { cheapestFargateSize } from './fargate.ts';

test.each([
  [0.2, 0.3, { vcpus: 0.25, memoryGib: 0.5 }],
  [0.25, 1.1, { vcpus: 0.25, memoryGib: 2 }],
  [0.25, 2.1, { vcpus: 0.5, memoryGib: 3 }],
  [0.26, 0.3, { vcpus: 0.5, memoryGib: 1 }],
  [1, 8, { vcpus: 1, memoryGib: 8 }],
  [1, 8.5, { vcpus: 2, memoryGib: 9 }],
  [3, 2, { vcpus: 4, memoryGib: 8 }],
  [4, 31, { vcpus: 8, memoryGib: 32 }],
  [8, 57, { vcpus: 8, memoryGib: 60 }],
  [16, 121, undefined],
])('%d vCPU and %d GiB', (vcpus, memoryGib, size) => {
  expect(cheapestFargateSize({ vcpus, memoryGib })).toEqual(size);
});
