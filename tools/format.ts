import type { CellKind, CellValue, Unit } from './tool.ts';

type Decimal = Intl.StringNumericLiteral;

/**
 * A cell as a person reads it, from its exact decimal text: money with its currency and two decimals (more where the
 * amount is under a cent), counts grouped, percent with one decimal. An unknown is an em dash.
 * @param style `signed` writes the plus of a gain, `abs` leaves the sign away
 */
export function formatCell(value: CellValue, kind: CellKind, unit: Unit, style?: 'signed' | 'abs'): string {
  if (value === null) return '—';
  if (kind === 'text' || kind === 'date') return String(value);
  const number = Number(value);
  if (!Number.isFinite(number)) return String(value);
  const decimal = (style === 'abs' ? String(value).replace(/^-/, '') : String(value)) as Decimal;
  const signDisplay = style === 'signed' ? 'exceptZero' : 'negative';
  if (kind === 'money') return formatMoney(decimal, number, unit, signDisplay);
  if (kind === 'percent')
    return `${format({ signDisplay, minimumFractionDigits: 1, maximumFractionDigits: 1 }, decimal)}%`;
  if (kind === 'count') return format({ signDisplay, maximumFractionDigits: 0 }, decimal);
  const text = format({ signDisplay, maximumSignificantDigits: 6 }, decimal);
  return unit === null || unit === 'count' ? text : `${text} ${unit}`;
}

function formatMoney(decimal: Decimal, number: number, unit: Unit, signDisplay: 'exceptZero' | 'negative'): string {
  const size = Math.abs(number);
  const digits: Intl.NumberFormatOptions =
    size !== 0 && size < 0.01
      ? { maximumSignificantDigits: 3 }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  // XXX is ISO 4217 for "no currency": the bill named none, so none is invented.
  if (unit === null || unit === 'XXX') return format({ signDisplay, ...digits }, decimal);
  if (/^[A-Z]{3}$/.test(unit)) return format({ style: 'currency', currency: unit, signDisplay, ...digits }, decimal);
  return `${format({ signDisplay, ...digits }, decimal)} ${unit}`;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions, decimal: Decimal): string {
  const key = JSON.stringify(options);
  let formatter = formats.get(key);
  if (formatter === undefined) {
    formatter = new Intl.NumberFormat('en-US', options);
    formats.set(key, formatter);
  }
  return formatter.format(decimal);
}
