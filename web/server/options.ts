import type { Assistant } from '../../agent/assistant.ts';
import type { People } from '../../agent/identity/people.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../log.ts';
import type { Tool, ToolContext } from '../../tools/tool.ts';

export type Principal = ToolContext['principal'];

/** What the web server is made of; whoever starts it wires these. */
export interface ServerOptions {
  config: Config;
  db: ToolContext['db'];
  assistant: Assistant;
  people: People;
  log: Log;
  now: () => Date;
  /** Resolves when questions can be answered. @throws PennyError `database_unavailable` or `database_schema` */
  ready(): Promise<void>;
  /** The tools behind the data routes; default: all of them. */
  tools?: Tool[];
  /** The folder of the built page; default: the one the build wrote. */
  clientFolder?: string;
}
