import { expect, test } from 'vitest';
import { fitsPattern, type QuietQuestion, quietBecause, type Said, verdictsOf } from './quiet.ts';

const said = (given: Partial<Said>): Said => ({
  feedback: 'muted',
  dimensions: { sub_account_id: '1' },
  startDate: null,
  fromDate: '2026-05-01',
  untilDate: '2026-05-20',
  givenDate: '2026-05-01',
  ...given,
});

const asked = (given: Partial<QuietQuestion> = {}): QuietQuestion => ({
  startDate: '2026-05-05',
  endDate: '2026-05-08',
  dimensions: { sub_account_id: '1', service_name: 'Amazon EC2' },
  isWhole: false,
  usageTypes: [
    { value: 'EU-DataTransfer-Out-Bytes', share: 96 },
    { value: 'EU-BoxUsage', share: 4 },
  ],
  own: [],
  ...given,
});

test('what is muted is quiet for all series within it, and nothing else is', () => {
  expect(quietBecause(asked(), [said({})])).toBe('muted');
  expect(quietBecause(asked(), [said({ dimensions: { sub_account_id: '2' } })])).toBeNull();
  expect(quietBecause(asked(), [said({ dimensions: { sub_account_id: '1', region_id: 'eu-west-1' } })])).toBeNull();
});

test('a mute ends on its day: what goes on is told after all', () => {
  expect(quietBecause(asked({ endDate: '2026-05-19' }), [said({})])).toBe('muted');
  expect(quietBecause(asked({ endDate: '2026-05-20' }), [said({})])).toBeNull();
  expect(quietBecause(asked({ startDate: '2026-04-01', endDate: '2026-04-30' }), [said({})])).toBeNull();
  expect(quietBecause(asked({ endDate: '2027-05-20' }), [said({ untilDate: null })])).toBe('muted');
});

test('what is planned has to begin in its days as well', () => {
  const planned = said({ feedback: 'planned' });
  expect(quietBecause(asked(), [planned])).toBe('planned');
  expect(quietBecause(asked({ startDate: '2026-04-30' }), [planned])).toBeNull();
});

test('"mute data transfer" quiets what data transfer drives, and not what only has some', () => {
  const transfer = said({ dimensions: { x_usage_type: '*DataTransfer*' } });
  expect(quietBecause(asked(), [transfer])).toBe('muted');
  expect(quietBecause(asked({ usageTypes: [{ value: 'EU-BoxUsage', share: 90 }] }), [transfer])).toBeNull();
  expect(quietBecause(asked(), [said({ dimensions: { sub_account_id: '2', x_usage_type: '*' } })])).toBeNull();
});

test('to mute the whole organisation mutes no part of it', () => {
  const whole = said({ dimensions: {} });
  expect(quietBecause(asked(), [whole])).toBeNull();
  expect(quietBecause(asked({ dimensions: {}, isWhole: true }), [whole])).toBe('muted');
  expect(quietBecause(asked(), [{ ...whole, feedback: 'planned' }])).toBe('planned');
});

test('what was said of the anomaly itself last decides', () => {
  const own = (feedback: Said['feedback']) => said({ feedback, startDate: '2026-05-05', fromDate: '2026-05-05' });
  expect(quietBecause(asked({ own: [own('helpful'), own('wrong')] }), [])).toBe('wrong');
  expect(quietBecause(asked({ own: [own('helpful')] }), [])).toBeNull();
  expect(quietBecause(asked({ own: [own('planned')], dimensions: {} }), [])).toBe('planned');
});

test('only "expected" and "wrong" change a baseline', () => {
  const all = (['expected', 'wrong', 'planned', 'muted', 'helpful'] as const).map((feedback) =>
    said({ feedback, startDate: '2026-05-05' }),
  );
  expect(verdictsOf(all).map(({ verdict }) => verdict)).toEqual(['expected', 'wrong']);
});

test('a pattern is the whole text, its signs mean themselves', () => {
  expect(fitsPattern('*Out*', 'EU-DataTransfer-Out-Bytes')).toBe(true);
  expect(fitsPattern('Out', 'EU-DataTransfer-Out-Bytes')).toBe(false);
  expect(fitsPattern('a.c', 'abc')).toBe(false);
});
