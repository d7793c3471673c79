import { PennyError } from '../../errors.ts';
import { SIZING_PRESETS } from './demand.ts';
import { type SettingsOverride, THRESHOLDS } from './thresholds.ts';

/**
 * Refuses overrides that override nothing: an unknown check or threshold, or a value of another kind than the one in the table.
 * @throws PennyError `invalid_config`
 */
export function checkOverrides(overrides: SettingsOverride): void {
  const table: Record<string, Record<string, { value: number | string }>> = THRESHOLDS;
  for (const [id, own] of Object.entries(overrides)) {
    const thresholds = table[id];
    if (thresholds === undefined) throw wrong(`there is no check ${id}; there are ${Object.keys(table).join(', ')}`);
    for (const [name, value] of Object.entries(own)) {
      const known = thresholds[name];
      if (known === undefined) {
        throw wrong(`${id} has no threshold ${name}; it has ${Object.keys(thresholds).join(', ')}`);
      }
      if (typeof value !== typeof known.value) throw wrong(`${id}.${name} is a ${typeof known.value}`);
      if (name === 'preset' && !(value in SIZING_PRESETS))
        throw wrong(`${id}.preset is one of ${Object.keys(SIZING_PRESETS).join(', ')}`);
    }
  }
}

function wrong(why: string): PennyError {
  return new PennyError('invalid_config', `PENNY_CHECK_SETTINGS: ${why}.`);
}
