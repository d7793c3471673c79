import { DescribeReservedInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { paginateDescribeReservedDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { type FoundResource, type InventoryKind, known, nameIn, type Region, SERVICE, tagsOf } from './kind.ts';

/**
 * Reservations of instances that are in force, with the day they end, which a bill does not say. On the bill one is its ARN. Those that
 * ended, or were exchanged for others, are left out.
 */
export const instanceReservations: InventoryKind = {
  resourceTypes: ['ec2:reserved-instances'],
  async *read({ place, accountId, regionId }) {
    const asked = new DescribeReservedInstancesCommand({ Filters: [{ Name: 'state', Values: ['active'] }] });
    const { ReservedInstances } = await place.client(EC2Client).send(asked);
    for (const one of ReservedInstances ?? []) {
      const tags = tagsOf(one.Tags);
      yield reservation({
        resourceId: `arn:aws:ec2:${regionId}:${accountId}:reserved-instances/${one.ReservedInstancesId}`,
        resourceType: 'ec2:reserved-instances',
        serviceName: SERVICE.ec2,
        name: nameIn(tags),
        createdAt: one.Start,
        tags,
        configuration: {
          instanceType: one.InstanceType,
          count: one.InstanceCount,
          paid: one.OfferingType,
          offeringClass: one.OfferingClass,
          scope: one.Scope,
          platform: one.ProductDescription,
          endDate: one.End,
        },
      });
    }
  },
};

/** The same of databases. */
export const databaseReservations: InventoryKind = {
  resourceTypes: ['rds:reserved-db'],
  read: databasesReserved,
};

async function* databasesReserved({ place }: Region): AsyncGenerator<FoundResource> {
  const client = place.client(RDSClient);
  for await (const page of paginateDescribeReservedDBInstances({ client, pageSize: 100 }, {})) {
    for (const one of page.ReservedDBInstances ?? []) {
      if (one.State !== 'active' || one.ReservedDBInstanceArn === undefined) continue;
      const { StartTime: start, Duration: seconds } = one;
      yield reservation({
        resourceId: one.ReservedDBInstanceArn,
        resourceType: 'rds:reserved-db',
        serviceName: SERVICE.rds,
        name: one.ReservedDBInstanceId ?? null,
        createdAt: start,
        tags: {},
        configuration: {
          instanceClass: one.DBInstanceClass,
          count: one.DBInstanceCount,
          paid: one.OfferingType,
          multiAz: one.MultiAZ,
          engine: one.ProductDescription,
          endDate: start && seconds ? new Date(start.getTime() + 1000 * seconds) : undefined,
        },
      });
    }
  }
}

function reservation({ configuration, ...one }: Omit<FoundResource, 'state'>): FoundResource {
  const { endDate } = configuration;
  const day = endDate instanceof Date ? endDate.toISOString().slice(0, 10) : undefined;
  return { ...one, state: 'active', configuration: known({ ...configuration, endDate: day }) };
}
