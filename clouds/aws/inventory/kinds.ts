import { addresses } from './addresses.ts';
import { databases } from './databases.ts';
import { ecs } from './ecs.ts';
import { eks } from './eks.ts';
import { functions } from './functions.ts';
import { instances } from './instances.ts';
import type { InventoryKind } from './kind.ts';
import { loadBalancers } from './load-balancers.ts';
import { natGateways } from './nat-gateways.ts';
import { databaseReservations, instanceReservations } from './reservations.ts';
import { scalingGroups } from './scaling-groups.ts';
import { snapshots } from './snapshots.ts';
import { volumes } from './volumes.ts';

/** What an inventory reads in each region. */
export const INVENTORY_KINDS: readonly InventoryKind[] = [
  ...[instances, volumes, snapshots, addresses, natGateways],
  ...[loadBalancers, scalingGroups, ecs, eks, functions, databases],
  ...[instanceReservations, databaseReservations],
];
