import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { AwsPlace } from '../place.ts';

/** A resource as a kind finds it; who owns and pays for it and where it is are added by the reader. */
export interface FoundResource {
  resourceId: string;
  resourceType: string;
  /** As on the bill. */
  serviceName: string;
  name: string | null;
  availabilityZone?: string | null;
  state: string;
  createdAt?: Date | undefined;
  tags: Record<string, string>;
  configuration: Record<string, unknown>;
}

/** A region of an account, being read. */
export interface Region {
  accountId: string;
  regionId: string;
  place: AwsPlace;
  /** Returns what the types of instances are made of; each type is asked for once a run. */
  instanceTypes(names: readonly string[]): Promise<ReadonlyMap<string, InstanceTypeInfo>>;
}

/** One kind of resources: how all of a region are read. */
export interface InventoryKind {
  /** What it yields: a type stands in one kind only, and what a kind read to the end is complete. */
  resourceTypes: readonly string[];
  read(region: Region): AsyncIterable<FoundResource>;
}

export const SERVICE = {
  ec2: 'Amazon Elastic Compute Cloud',
  vpc: 'Amazon Virtual Private Cloud',
  ecs: 'Amazon Elastic Container Service',
  eks: 'Amazon Elastic Container Service for Kubernetes',
  lambda: 'AWS Lambda',
  balancing: 'Elastic Load Balancing',
  rds: 'Amazon Relational Database Service',
} as const;

/** Returns tags as keys and values, whichever way a service spells them. */
export function tagsOf(
  tags:
    | readonly {
        Key?: string | undefined;
        Value?: string | undefined;
        key?: string | undefined;
        value?: string | undefined;
      }[]
    | undefined,
): Record<string, string> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value, key = Key, value = Value }) => (key === undefined ? [] : [[key, value ?? '']])),
  );
}

/** Returns the name a resource was given by its tag; null without one, and where it is empty, as the console leaves it. */
export function nameIn({ Name = '' }: Record<string, string>): string | null {
  return Name.trim() === '' ? null : Name;
}

/** Returns `items` in groups of at most `size`. */
export function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Returns those entries that have a value, so that a configuration says nothing of what is not known. */
export function known(entries: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== null));
}

/** Returns the last part of an ARN or of a path. */
export function lastPart(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
