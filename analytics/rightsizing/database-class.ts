/**
 * How large the sizes of a family of database classes are to each other, which is how AWS prices them too. Source: Amazon RDS User
 * Guide, "Size-flexible reserved DB instances", normalized units per hour.
 */
const UNITS: Readonly<Record<string, number>> = {
  ...{ micro: 0.5, small: 1, medium: 2, large: 4, xlarge: 8, '2xlarge': 16, '4xlarge': 32, '8xlarge': 64 },
  ...{ '10xlarge': 80, '12xlarge': 96, '16xlarge': 128, '24xlarge': 192, '32xlarge': 256 },
};

/** Sizes that every family has which is not burstable: between them none is missing. */
const ALWAYS_THERE = ['large', 'xlarge', '2xlarge', '4xlarge'];

export interface DatabaseClass {
  /** For example 'db.r6g'. */
  family: string;
  size: string;
  /** To be compared within the family: twice the units are twice the vCPUs, the memory and the price. */
  units: number;
}

/** Returns the parts of a class such as 'db.r6g.2xlarge'; undefined for one without a fixed size, or one not known. */
export function databaseClass(name: string | undefined): DatabaseClass | undefined {
  const [prefix, family, size, ...rest] = (name ?? '').split('.');
  const units = UNITS[size ?? ''];
  if (prefix !== 'db' || family === undefined || size === undefined || units === undefined || rest.length > 0)
    return undefined;
  return { family: `${prefix}.${family}`, size, units };
}

/** Returns whether a family saves up CPU time for later: what a size of it can carry depends on how long. */
export function isBurstable({ family }: DatabaseClass): boolean {
  return /^db\.t\d/.test(family);
}

/**
 * Returns the smaller classes of the family, smallest first: those of a price list where `isSold` knows any of the family, else
 * the sizes that all families have.
 */
export function smallerClasses(current: DatabaseClass, isSold: (name: string) => boolean): DatabaseClass[] {
  const all = Object.entries(UNITS).map(([size, units]) => ({ family: current.family, size, units }));
  const sold = all.filter((one) => isSold(nameOf(one)));
  const known = sold.length > 0 ? sold : all.filter(({ size }) => ALWAYS_THERE.includes(size));
  return known.filter(({ units }) => units < current.units).sort((one, other) => one.units - other.units);
}

/** Returns the class as AWS names it. */
export function nameOf({ family, size }: DatabaseClass): string {
  return `${family}.${size}`;
}
