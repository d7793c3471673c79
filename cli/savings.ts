import type { Command } from 'commander';
import { showSavingsTool } from '../tools/show-savings.ts';
import { action } from './context.ts';
import { showTool } from './show-tool.ts';

interface Flags {
  state?: string;
  since?: string;
  until?: string;
  limit: string;
  as?: string;
}

export function registerSavings(program: Command): void {
  program
    .command('savings')
    .description('what changes really saved, measured on the bill, and whether they still do')
    .option('--state <state>', 'only those waiting, measured, holding, regressed or unmeasurable')
    .option('--since <day>', 'only changes from this day on')
    .option('--until <day>', 'only changes before this day')
    .option('--limit <rows>', 'how many rows', '40')
    .option('--as <email>', 'as this user (default: the local administrator)')
    .action(
      action<[Flags]>((context, { as, limit, ...input }) =>
        showTool(context, showSavingsTool, { ...input, limit: Number(limit) }, as),
      ),
    );
}
