import { describe, expect, test } from 'vitest';
import {
  addDecimals,
  areNear,
  compareDecimals,
  divideDecimals,
  isDecimal,
  multiplyDecimals,
  plainDecimal,
  roundDecimal,
  subtractDecimals,
} from './money.ts';

describe('money as decimal text', () => {
  test('adds without losing a digit, however many there are', () => {
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('99999999999999999999.000000000000000000000000000001', '1')).toBe(
      '100000000000000000000.000000000000000000000000000001',
    );
    expect(addDecimals('-5', '2.50', '2.5')).toBe('0');
    expect(addDecimals()).toBe('0');
  });

  test('multiplies without losing a digit', () => {
    expect(multiplyDecimals('0.1', '0.2')).toBe('0.02');
    expect(multiplyDecimals('-99999999999999999999', '1.000000000000000001')).toBe(
      '-100000000000000000098.999999999999999999',
    );
    expect(multiplyDecimals('1.50', '2E2')).toBe('300');
    expect(multiplyDecimals('-5', '0')).toBe('0');
  });

  test('reads exponents', () => {
    expect(plainDecimal('1.2E-7')).toBe('0.00000012');
    expect(plainDecimal('1.2e+3')).toBe('1200');
    expect(subtractDecimals('1e0', '1E-3')).toBe('0.999');
  });

  test('writes one number in one way', () => {
    for (const [text, plain] of [
      ['1.500', '1.5'],
      ['-0.00', '0'],
      ['+7', '7'],
      ['.5', '0.5'],
      ['5.', '5'],
      ['007', '7'],
    ] as const) {
      expect(plainDecimal(text)).toBe(plain);
    }
  });

  test('divides to a stated number of digits, half away from zero', () => {
    for (const [dividend, divisor, places, quotient] of [
      ['1', '3', 4, '0.3333'],
      ['2', '3', 4, '0.6667'],
      ['-2', '3', 4, '-0.6667'],
      ['0.05', '-1', 1, '-0.1'],
      ['10', '0.0025', 2, '4000'],
      ['1E-7', '2', 10, '0.00000005'],
      ['0', '7', 2, '0'],
    ] as const) {
      expect(divideDecimals(dividend, divisor, places), `${dividend} / ${divisor}`).toBe(quotient);
    }
    expect(() => divideDecimals('1', '0.00')).toThrow(RangeError);
  });

  test('rounds half away from zero', () => {
    expect(['0.125', '-0.125', '0.124', '3'].map((text) => roundDecimal(text, 2))).toEqual([
      '0.13',
      '-0.13',
      '0.12',
      '3',
    ]);
  });

  test('orders by value, not by text', () => {
    expect(compareDecimals('9', '10')).toBe(-1);
    expect(compareDecimals('1.10', '1.1')).toBe(0);
    expect(compareDecimals('-1', '-2')).toBe(1);
  });

  test('refuses what is not a number', () => {
    for (const text of ['', '.', 'abc', '$5', '1,000', 'NaN', 'Infinity', '1e', '0x1F', '1 2', '1_000']) {
      expect(isDecimal(text), text).toBe(false);
    }
    expect(() => addDecimals('1', 'twelve')).toThrow(RangeError);
  });

  test('holds sums of floats to one part in a billion', () => {
    expect(areNear('1000000000', '1000000000.5', 1e-9)).toBe(true);
    expect(areNear('1000000000', '1000000002', 1e-9)).toBe(false);
    expect(areNear('0', '0', 1e-9)).toBe(true);
    expect(areNear('0', '0.000001', 1e-9)).toBe(false);
  });
});
