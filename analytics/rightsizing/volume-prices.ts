import { addDecimals, type DecimalText, multiplyDecimals } from '../money.ts';
import type { Price, PriceBook } from './evidence.ts';

/** A size and performance of a volume. */
export interface VolumeShape {
  /** 'gp2', 'gp3', 'io1', 'io2'. */
  type: string;
  sizeGib: number;
  /** Provisioned beyond what the type includes. */
  paidIops: number;
  paidMibPerSecond: number;
}

/** What a volume of type gp3 has without paying for more. Source: Amazon EBS User Guide, "General Purpose SSD volumes". */
export const GP3 = { iops: 3000, mibPerSecond: 125, mostIops: 16_000, mostMibPerSecond: 1000 } as const;

/** Returns what gp2 gives a volume of this size at all times. Source: as above: 3 IOPS a GiB, at least 100 and at most 16,000. */
export function gp2Iops(sizeGib: number): number {
  return Math.min(16_000, Math.max(100, 3 * sizeGib));
}

/**
 * Returns what a month of a volume costs at list prices, and the prices used; undefined when one of them is not known. IO2 above
 * 32,000 IOPS has lower tiers, so it is not priced there.
 */
export function monthlyPrice(
  prices: PriceBook,
  { type, sizeGib, paidIops, paidMibPerSecond }: VolumeShape,
): { amount: DecimalText; prices: Price[] } | undefined {
  if (type === 'io2' && paidIops > 32_000) return undefined;
  const parts: [product: string, unit: string, quantity: DecimalText][] = [
    [`${type} storage`, 'GB-Mo', String(sizeGib)],
    ...(paidIops > 0 ? [[`${type} iops`, 'IOPS-Mo', String(paidIops)] as [string, string, string]] : []),
    ...(paidMibPerSecond > 0
      ? [[`${type} throughput`, 'GiBps-Mo', String(paidMibPerSecond / 1024)] as [string, string, string]]
      : []),
  ];
  const found = parts.map(([product, unit, quantity]) => ({ price: prices.of(product, unit), quantity }));
  const known = found.flatMap(({ price, quantity }) => (price === undefined ? [] : [{ price, quantity }]));
  if (known.length < found.length) return undefined;
  return {
    amount: addDecimals(...known.map(({ price, quantity }) => multiplyDecimals(price.listUnitPrice, quantity))),
    prices: known.map(({ price }) => price),
  };
}
