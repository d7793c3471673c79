import { Option } from 'commander';
import { ROLES } from '../db/schema/users.ts';

/** `--role`, one of the four. */
export function roleOption(description: string): Option {
  return new Option('--role <role>', description).choices([...ROLES]);
}
