import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PennyError } from './errors.ts';

const optionalText = z.string().trim().min(1).optional();

const instant = z.iso.datetime({ offset: true }).or(z.iso.date());

const schema = z
  .object({
    NODE_ENV: z.string().default('development').describe('`production` refuses test seams such as PENNY_NOW'),
    PENNY_HOME: z.string().default('.penny').describe('folder of the embedded database and of temporary files'),
    PENNY_DATABASE_URL: optionalText.describe('Postgres 15 or newer; unset: the embedded Postgres in PENNY_HOME'),
    PENNY_NOW: instant.optional().describe('a fixed clock for tests and demonstrations'),
    PENNY_LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
      .default('info')
      .describe('log level'),
    PENNY_ALLOCATION_TAGS: z
      .string()
      .default(
        'team,owner,environment,env,application,app,project,product,service,department,business_unit,cost-center,cost_center,costcenter',
      )
      .describe('tag keys, comma separated, that are kept in the daily rollup so that questions about them stay fast'),
    HOST: z.string().default('127.0.0.1').describe('address the web server listens on'),
    PORT: z.coerce.number().int().min(0).max(65535).default(3000).describe('port the web server listens on'),
    OPENAI_API_KEY: optionalText.describe('key of an OpenAI-compatible endpoint; unset: the offline model'),
    OPENAI_BASE_URL: z.url().optional().describe('the endpoint; default: the one of OpenAI'),
    OPENAI_MODEL: z.string().default('gpt-5-mini').describe('the model asked for'),
    PENNY_MODEL_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .default(60_000)
      .describe('time one turn of the model may take'),
    PENNY_MODEL_MAX_CALLS: z.coerce
      .number()
      .int()
      .min(1)
      .max(50)
      .default(12)
      .describe('model calls one question may take'),
    VAULT_ADDR: optionalText.describe('address of the HashiCorp Vault that holds the secrets (secrets.md)'),
    VAULT_NAMESPACE: optionalText.describe('namespace in Vault, where it has them'),
    VAULT_ROLE_ID: optionalText.describe('role id of an AppRole, to log in with'),
    VAULT_SECRET_ID: optionalText.describe('secret id of the AppRole'),
    VAULT_SECRET_ID_FILE: optionalText.describe('file that holds the secret id, read anew at each log-in'),
    VAULT_KUBERNETES_ROLE: optionalText.describe('role to log in as with the token of the pod'),
    VAULT_KUBERNETES_TOKEN_FILE: z
      .string()
      .default('/var/run/secrets/kubernetes.io/serviceaccount/token')
      .describe('file that holds the token of the pod'),
    VAULT_AUTH_MOUNT: optionalText.describe('where the log-in is mounted; unset: `approle` or `kubernetes`'),
    PENNY_VAULT_PATH: optionalText.describe(
      'KV version 2 secret whose keys are names of settings, such as secret/penny',
    ),
    PENNY_VAULT_DATABASE_ROLE: optionalText.describe(
      'role of the database secrets engine; the user and the password of PENNY_DATABASE_URL then come from it',
    ),
  })
  .superRefine((env, context) => {
    if (env.NODE_ENV === 'production' && env.PENNY_NOW !== undefined) {
      context.addIssue({ code: 'custom', path: ['PENNY_NOW'], message: 'is refused when NODE_ENV=production' });
    }
    for (const [name, message] of vaultProblems(env)) context.addIssue({ code: 'custom', path: [name], message });
  });

export type Config = z.infer<typeof schema>;

/** The settings that are secrets: they may come from Vault (secrets.ts) and never show in a log, an error or an answer. */
export const SECRET_SETTINGS = ['PENNY_DATABASE_URL', 'OPENAI_API_KEY'] as const satisfies (keyof Config)[];

/** Whether secrets come from Vault. `VAULT_ADDR` alone, as many shells have it, does not say so. */
export function usesVault(config: { PENNY_VAULT_PATH?: unknown; PENNY_VAULT_DATABASE_ROLE?: unknown }): boolean {
  return config.PENNY_VAULT_PATH !== undefined || config.PENNY_VAULT_DATABASE_ROLE !== undefined;
}

/** What of the settings for Vault does not go together: the setting and what is wrong with it. */
function vaultProblems(env: { [name: string]: unknown }): [string, string][] {
  if (!usesVault(env)) return [];
  const has = (name: string) => env[name] !== undefined;
  const problems: [string, string][] = [];
  if (!z.url({ protocol: /^https?$/ }).safeParse(env.VAULT_ADDR).success) {
    problems.push(['VAULT_ADDR', 'must be the address of Vault, such as https://vault:8200']);
  }
  if (has('VAULT_ROLE_ID') === has('VAULT_KUBERNETES_ROLE')) {
    problems.push(['VAULT_ROLE_ID', 'or else VAULT_KUBERNETES_ROLE is needed, and not both']);
  }
  if (has('VAULT_ROLE_ID') && has('VAULT_SECRET_ID') === has('VAULT_SECRET_ID_FILE')) {
    problems.push(['VAULT_SECRET_ID', 'or else VAULT_SECRET_ID_FILE is needed with VAULT_ROLE_ID, and not both']);
  }
  return problems;
}

/** The settings that exist, for the docs and their test: name, description and default (as text). */
export const SETTINGS: { name: string; description: string; default: string | undefined }[] = Object.entries(
  schema.shape,
).map(([name, field]) => {
  const parsed = field.safeParse(undefined);
  return {
    name,
    description: field.description ?? '',
    default: parsed.success && parsed.data !== undefined ? String(parsed.data) : undefined,
  };
});

/**
 * The configuration, read from the environment: the only place that does. Empty values count as unset.
 * @throws PennyError `invalid_config`, naming each setting and what is wrong with it
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new PennyError('invalid_config', `The configuration is not valid: ${problems.join('; ')}.`);
}

/** The present, or the fixed instant of PENNY_NOW. Everything below the edges takes `now` as an argument. */
export function clock(config: Config): () => Date {
  if (config.PENNY_NOW === undefined) return () => new Date();
  const fixed = new Date(config.PENNY_NOW).getTime();
  return () => new Date(fixed);
}

/** The folder that holds package.json, whether the program runs from its sources or from dist/. */
export const packageRoot: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = resolve(folder, '..');
  return folder;
})();

/**
 * Takes the variables away by which the LangChain packages would send conversations, or with `LANGSMITH_GATEWAY` even the
 * model's key, to a service outside. Call once at start, before a model is made.
 */
export function silenceTracing(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(LANGSMITH|LANGCHAIN)_/.test(name)) delete process.env[name];
  }
}
