import {
  type DBInstance,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  RDSClient,
} from '@aws-sdk/client-rds';
import { sizeOf } from './instances.ts';
import { type FoundResource, type InventoryKind, known, SERVICE, tagsOf } from './kind.ts';

/** DocumentDB and Neptune answer to the same calls; they are services of their own, with metrics and prices of their own. */
const OTHER_SERVICES = ['docdb', 'neptune'];

/** Databases of RDS and Aurora. On the bill one is its ARN. */
export const databases: InventoryKind = {
  resourceTypes: ['rds:db'],
  async *read(region) {
    const client = region.place.client(RDSClient);
    let writers: ReadonlyMap<string, string> | undefined;
    for await (const { DBInstances } of paginateDescribeDBInstances({ client, pageSize: 100 }, {})) {
      const found = (DBInstances ?? []).filter(isOwn);
      if (found.some(({ DBClusterIdentifier }) => DBClusterIdentifier)) writers ??= await writersOf(client);
      const types = await region.instanceTypes(found.map(typeOf));
      for (const database of found) {
        yield resourceOf(
          database,
          sizeOf(types.get(typeOf(database))),
          writers?.get(database.DBClusterIdentifier ?? ''),
        );
      }
    }
  },
};

function isOwn({ DBInstanceArn, Engine = '' }: DBInstance): boolean {
  return DBInstanceArn !== undefined && !OTHER_SERVICES.includes(Engine);
}

/** A class is the type of the instance beneath it: db.r6g.large has the vCPUs and the memory of r6g.large. Serverless ones have none. */
function typeOf({ DBInstanceClass = '' }: DBInstance): string {
  return DBInstanceClass.replace(/^db\./, '');
}

/** Returns the database that is written to, by the cluster. */
async function writersOf(client: RDSClient): Promise<ReadonlyMap<string, string>> {
  const writers = new Map<string, string>();
  for await (const { DBClusters } of paginateDescribeDBClusters({ client, pageSize: 100 }, {})) {
    for (const { DBClusterIdentifier = '', DBClusterMembers } of DBClusters ?? []) {
      const writer = DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
      if (writer !== undefined) writers.set(DBClusterIdentifier, writer);
    }
  }
  return writers;
}

function resourceOf(one: DBInstance, size: Record<string, unknown>, writer: string | undefined): FoundResource {
  const name = one.DBInstanceIdentifier ?? null;
  return {
    resourceId: one.DBInstanceArn ?? '',
    resourceType: 'rds:db',
    serviceName: SERVICE.rds,
    name,
    availabilityZone: one.AvailabilityZone ?? null,
    state: one.DBInstanceStatus ?? 'unknown',
    createdAt: one.InstanceCreateTime,
    tags: tagsOf(one.TagList),
    configuration: known({
      instanceClass: one.DBInstanceClass,
      ...size,
      engine: one.Engine,
      engineVersion: one.EngineVersion,
      multiAz: one.MultiAZ,
      storageType: one.StorageType,
      allocatedStorageGib: one.AllocatedStorage,
      iops: one.Iops,
      clusterId: one.DBClusterIdentifier || undefined,
      // What reads of a cluster stands by for what is written to, as a replica does for its source.
      replicaOf:
        one.ReadReplicaSourceDBInstanceIdentifier || (writer === undefined || writer === name ? undefined : writer),
      deletionProtection: one.DeletionProtection,
    }),
  };
}
