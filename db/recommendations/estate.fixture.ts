import { Readable } from 'node:stream';
import { storePrices } from '../prices.ts';
import { storeBill, type TestCharge } from '../queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { storeUsage, USAGE_COLUMNS } from '../usage.ts';

/** When the small estate is looked at. Its bill reaches to the day before, its usage to midnight. */
export const NOW = new Date('2026-11-24T09:00:00Z');
const DAY_MS = 86_400_000;
const dayAt = (back: number): string => new Date(NOW.getTime() - back * DAY_MS).toISOString().slice(0, 10);

/**
 * Opens a database with a small estate: in account a1 an idle machine with a gp2 volume (`i-idle`, `vol-idle`), an idle one that a
 * Savings Plan covers (`i-covered`), one that nobody measures (`i-silent`) and a busy one; in account a2 a volume attached to nothing
 * (`vol-loose`).
 */
export async function openEstate(): Promise<TestDatabase> {
  const database = await testDatabase();
  const { db } = database;
  await storeBill(db, charges());
  await db.pool.query(
    `INSERT INTO resources (resource_id, name, type, service_name, billing_account_id, sub_account_id, region_id, state, tags, configuration,
       created_at, first_seen_date, last_seen_date, inventoried_at)
     SELECT id, name, type, 'Amazon EC2', 'payer', account, 'us-east-1', state, tags::jsonb, configuration::jsonb, '2026-01-01', '2026-09-01',
       '${dayAt(1)}', '${dayAt(0)}T00:00:00Z'
     FROM (VALUES ${RESOURCES.map((row) => `(${row.map((cell) => `'${cell}'`).join(', ')})`).join(', ')})
       AS given (id, name, type, account, state, tags, configuration)`,
  );
  // So that inventories are known to have been compared for long enough.
  await db.pool.query(
    `INSERT INTO resource_changes (resource_id, observed_at, kind, after) VALUES ('i-busy', '${dayAt(60)}', 'created', '{}')`,
  );
  await storeUsage(db, usage());
  await storePrices(
    db,
    [
      ['gp2 storage', '0.10'],
      ['gp3 storage', '0.08'],
      ['gp3 throughput', '40.96'],
    ].map(([product = '', listUnitPrice = '']) => ({
      ...{ serviceProviderName: 'AWS', serviceCode: 'AmazonEC2', product, regionId: 'us-east-1', listUnitPrice },
      ...{ pricingUnit: product === 'gp3 throughput' ? 'GiBps-Mo' : 'GB-Mo', pricingCurrency: 'USD', skuId: null },
      ...{ attributes: {}, validFrom: '2026-01-01', source: 'api' as const, sourceDate: '2026-11-01', sourceUrl: null },
    })),
  );
  return database;
}

const MACHINE = JSON.stringify({ instanceType: 'm5.large', platform: 'Linux/UNIX' });
const RESOURCES: string[][] = [
  ['i-idle', 'old-web', 'ec2:instance', 'a1', 'running', '{"Team": "shop", "env": "staging"}', MACHINE],
  ['i-covered', 'old-api', 'ec2:instance', 'a1', 'running', '{"penny:protected": "yes"}', MACHINE],
  ['i-silent', 'box', 'ec2:instance', 'a1', 'running', '{}', MACHINE],
  ['i-busy', 'web', 'ec2:instance', 'a1', 'running', '{}', MACHINE],
  [
    'vol-idle',
    'old-web',
    'ec2:volume',
    'a1',
    'in-use',
    '{}',
    '{"volumeType": "gp2", "sizeGib": 100, "attachedTo": "i-idle"}',
  ],
  ['vol-loose', 'scratch', 'ec2:volume', 'a2', 'available', '{}', '{"volumeType": "gp3", "sizeGib": 100}'],
];

function charges(): TestCharge[] {
  return Array.from({ length: 45 }, (_, back) => dayAt(back + 1)).flatMap((day): TestCharge[] => {
    const machine = {
      day,
      x_usage_type: 'BoxUsage:m5.large',
      x_instance_type: 'm5.large',
      pricing_unit: 'Hrs',
      pricing_quantity: '24',
    };
    const volume = { day, x_usage_type: 'EBS:VolumeUsage.gp2', pricing_unit: 'GB-Mo', pricing_quantity: '3.3' };
    return [
      { ...machine, cost: '2.4', resource_id: 'i-idle' },
      {
        ...machine,
        cost: '1.8',
        list_cost: '2.4',
        resource_id: 'i-covered',
        commitment_discount_id: 'sp-1',
        commitment_discount_status: 'Used',
      },
      { ...machine, cost: '2.4', resource_id: 'i-silent' },
      { ...machine, cost: '2.4', resource_id: 'i-busy' },
      { ...volume, cost: '0.24', resource_id: 'vol-idle' },
      { ...volume, cost: '0.24', resource_id: 'vol-loose', sub_account_id: 'a2' },
    ];
  });
}

/** Hours of the last fourteen days, by month. */
function usage() {
  const end = Date.parse(dayAt(0));
  const hours = Array.from({ length: 14 * 24 }, (_, back) => new Date(end - (back + 1) * 3_600_000).toISOString());
  const lines = hours.flatMap((hour) => [
    ...['i-idle', 'i-covered'].flatMap((id) => [
      `${id},cpu_utilization,${hour},0.5,1,0.8,12`,
      `${id},network_bytes,${hour},1000,2000,1500,12`,
    ]),
    `i-busy,cpu_utilization,${hour},60,90,80,12`,
    `i-busy,network_bytes,${hour},9000000,20000000,15000000,12`,
  ]);
  const months = [...new Set(hours.map((hour) => hour.slice(0, 7)))];
  return months.map((month) => ({
    month,
    feed: {
      columns: USAGE_COLUMNS,
      read: <Result>(consume: (rows: Readable) => Promise<Result>) =>
        consume(Readable.from(lines.filter((line) => line.includes(`,${month}-`)).map((line) => `${line}\n`))),
    },
  }));
}
