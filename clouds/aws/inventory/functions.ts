import {
  type FunctionConfiguration,
  LambdaClient,
  ListTagsCommand,
  paginateListFunctions,
  paginateListProvisionedConcurrencyConfigs,
} from '@aws-sdk/client-lambda';
import { type FoundResource, type InventoryKind, known, SERVICE } from './kind.ts';

/** Lambda functions. Their environments are not kept: they may hold secrets. */
export const functions: InventoryKind = {
  resourceTypes: ['lambda:function'],
  async *read({ place }) {
    const client = place.client(LambdaClient);
    for await (const { Functions } of paginateListFunctions({ client, pageSize: 50 }, {})) {
      for (const one of Functions ?? []) {
        if (one.FunctionArn === undefined) continue;
        const { Tags } = await client.send(new ListTagsCommand({ Resource: one.FunctionArn }));
        yield resourceOf(one, Tags ?? {}, await provisionedOf(client, one.FunctionArn));
      }
    }
  },
};

/** Returns for how many calls at once a function is kept ready, over all its versions and aliases. */
async function provisionedOf(client: LambdaClient, FunctionName: string): Promise<number> {
  let provisioned = 0;
  for await (const page of paginateListProvisionedConcurrencyConfigs({ client, pageSize: 50 }, { FunctionName })) {
    for (const { RequestedProvisionedConcurrentExecutions: count } of page.ProvisionedConcurrencyConfigs ?? [])
      provisioned += count ?? 0;
  }
  return provisioned;
}

function resourceOf(
  one: FunctionConfiguration,
  tags: Record<string, string>,
  provisionedConcurrency: number,
): FoundResource {
  return {
    resourceId: one.FunctionArn ?? '',
    resourceType: 'lambda:function',
    serviceName: SERVICE.lambda,
    name: one.FunctionName ?? null,
    // A list does not say it; functions that are not active are rare and short-lived.
    state: one.State?.toLowerCase() ?? 'active',
    tags,
    configuration: known({
      memoryMib: one.MemorySize,
      timeoutSeconds: one.Timeout,
      runtime: one.Runtime,
      architecture: one.Architectures?.[0],
      ephemeralStorageMib: one.EphemeralStorage?.Size,
      packageType: one.PackageType,
      provisionedConcurrency,
      lastModified: one.LastModified,
    }),
  };
}
