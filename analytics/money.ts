/** A decimal number as text: '12.5', '-0.0000004', '1.2E-7'. Money is never a float on its way through the program. */
export type DecimalText = string;

interface Decimal {
  /** The digits as one whole number, with its sign. */
  units: bigint;
  /** How many of the digits are behind the point. */
  scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * Returns whether `text` is a decimal number, with or without an exponent. Signs of currency, thousands separators, NaN
 * and Infinity are not.
 */
export function isDecimal(text: string): boolean {
  const parts = DECIMAL.exec(text);
  return parts !== null && (parts[2] !== '' || (parts[3] ?? '') !== '');
}

/** Returns the exact sum, in its shortest form. Throws a RangeError for text that is no decimal number. */
export function addDecimals(...values: DecimalText[]): DecimalText {
  const decimals = values.map(parse);
  const scale = Math.max(0, ...decimals.map((decimal) => decimal.scale));
  const units = decimals.reduce((sum, decimal) => sum + unitsAt(decimal, scale), 0n);
  return format({ units, scale });
}

/** Returns `minuend` less `subtrahend`, exactly, in its shortest form. */
export function subtractDecimals(minuend: DecimalText, subtrahend: DecimalText): DecimalText {
  const { units, scale } = parse(subtrahend);
  return addDecimals(minuend, format({ units: -units, scale }));
}

/** Returns the exact product, in its shortest form. */
export function multiplyDecimals(first: DecimalText, second: DecimalText): DecimalText {
  const [one, other] = [parse(first), parse(second)];
  return format({ units: one.units * other.units, scale: one.scale + other.scale });
}

/**
 * Returns the quotient rounded half away from zero to `places` digits behind the point, in its shortest form. Throws a RangeError
 * when the divisor is 0.
 */
export function divideDecimals(dividend: DecimalText, divisor: DecimalText, places = 10): DecimalText {
  const [one, other] = [parse(dividend), parse(divisor)];
  if (other.units === 0n) throw new RangeError(`'${dividend}' cannot be divided by 0`);
  const numerator = one.units * 10n ** BigInt(other.scale + places);
  return format({ units: roundedQuotient(numerator, other.units * 10n ** BigInt(one.scale)), scale: places });
}

/** Returns the number rounded half away from zero to `places` digits behind the point, in its shortest form. */
export function roundDecimal(text: DecimalText, places: number): DecimalText {
  return divideDecimals(text, '1', places);
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n !== denominator < 0n;
  const [size, by] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const rounded = (2n * size + by) / (2n * by);
  return isNegative ? -rounded : rounded;
}

/** Returns -1, 0 or 1 as the first number is less than, equal to or greater than the second one. */
export function compareDecimals(first: DecimalText, second: DecimalText): -1 | 0 | 1 {
  const difference = parse(subtractDecimals(first, second)).units;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Returns the number in its shortest plain form: '1.500' and '15E-1' become '1.5', '-0.0' becomes '0'. */
export function plainDecimal(text: DecimalText): DecimalText {
  return format(parse(text));
}

/**
 * Returns whether two amounts differ by at most `tolerance` of the greater one (`1e-9` is one part in a billion), which is
 * how near sums of binary floats can be held to.
 */
export function areNear(first: DecimalText, second: DecimalText, tolerance: number): boolean {
  if (compareDecimals(first, second) === 0) return true;
  const greatest = Math.max(Math.abs(Number(first)), Math.abs(Number(second)));
  return Math.abs(Number(subtractDecimals(first, second))) <= tolerance * greatest;
}

function parse(text: DecimalText): Decimal {
  const parts = DECIMAL.exec(text);
  if (parts === null || !isDecimal(text)) throw new RangeError(`'${text}' is not a decimal number`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const units = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

function unitsAt(decimal: Decimal, scale: number): bigint {
  return decimal.units * 10n ** BigInt(scale - decimal.scale);
}

function format({ units, scale }: Decimal): DecimalText {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
