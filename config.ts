import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PennyError } from './errors.ts';

/** A role, in one account or in each. */
const roleArn = (name: string) =>
  z
    .string()
    .regex(/^arn:aws[\w-]*:iam::(\d{12}|\{account\}):role\/[\w+=,.@/-]+$/, {
      message: `is not like arn:aws:iam::{account}:role/${name}`,
    })
    .optional();

const optionalText = z.string().trim().min(1).optional();

/** An amount of money, kept as text. */
const decimalText = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, { message: 'is not an amount such as 250 or 0.25' });

const accountIds = (pattern: RegExp) =>
  z.string().regex(pattern, { message: 'is not made of account ids of 12 digits' });

const keptDays = (usual: number, least: number) => z.coerce.number().int().min(least).max(36_500).default(usual);

const instant = z.iso.datetime({ offset: true }).or(z.iso.date());

/** JSON text of thresholds by check. */
const checkSettings = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))));

const TEAMS_METADATA = 'https://login.botframework.com/v1/.well-known/openidconfiguration';

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
    PENNY_AUDIT_ANCHORS: optionalText.describe(
      'file that the newest hash of the audit log is added to every ten minutes; default: audit-anchors.jsonl in PENNY_HOME',
    ),
    AWS_REGION: z
      .string()
      .default('us-east-1')
      .describe('region that calls go to which belong to none of the regions read'),
    AWS_ENDPOINT_URL: z.url().optional().describe('sends all calls to AWS somewhere else, such as a stand-in'),
    AWS_ENDPOINT_URL_S3: z.url().optional().describe('sends those to S3 there, such as to another S3-compatible store'),
    PENNY_AWS_ROLE_ARN: roleArn('penny-reader').describe(
      'role that is assumed in each account, such as arn:aws:iam::{account}:role/penny-reader; see aws.md',
    ),
    PENNY_AWS_ACTION_ROLE_ARN: roleArn('penny-actor').describe(
      'role that approved changes are made with, such as arn:aws:iam::{account}:role/penny-actor; unset: Penny changes nothing',
    ),
    PENNY_PROTECTED_TAGS: z
      .string()
      .default('penny:protected')
      .transform((text) =>
        text
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
      )
      .describe('tags, comma separated, each KEY or KEY=VALUE, whose resources Penny never changes'),
    PENNY_AWS_EXTERNAL_ID: optionalText.describe('external id that the role asks for'),
    PENNY_AWS_MANAGEMENT_ACCOUNT: accountIds(/^\d{12}$/)
      .optional()
      .describe(
        'account whose role reads the organisation and the bill; unset: the credentials Penny runs with do, without a role',
      ),
    PENNY_AWS_ACCOUNTS: accountIds(/^\d{12}(\s*,\s*\d{12})*$/)
      .optional()
      .describe('account ids, comma separated, that are read; unset: all of the organisation'),
    PENNY_AWS_REGIONS: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z]+)+-\d(\s*,\s*[a-z]{2,}(-[a-z]+)+-\d)*$/, {
        message: 'is not a list such as us-east-1,eu-west-1',
      })
      .optional()
      .describe('regions, comma separated, that are read; unset: all that an account has switched on'),
    PENNY_AWS_CALLS_PER_RUN: z.coerce
      .number()
      .int()
      .min(1)
      .default(100_000)
      .describe('calls to AWS one run of a job may make'),
    PENNY_AWS_COST_EXPLORER_CALLS_PER_RUN: z.coerce
      .number()
      .int()
      .min(0)
      .default(30)
      .describe('of these, calls to Cost Explorer, each of which costs 0.01 USD'),
    PENNY_AWS_COST_EXPLORER: z
      .enum(['off', 'on'])
      .default('off')
      .describe(
        'whether Cost Explorer is asked once a day what the months cost, to compare the bill with; see reconciliation.md',
      ),
    PENNY_AWS_PRICES: z
      .enum(['api', 'bulk'])
      .default('api')
      .describe(
        'where list prices are read: `api` asks the Pricing API, and reads the bulk list where that is denied; `bulk` reads that alone',
      ),
    PENNY_AWS_PRICE_LIST_URL: z
      .url({ protocol: /^https?$/ })
      .default('https://pricing.us-east-1.amazonaws.com')
      .describe('where the bulk list of prices is published, or a mirror of it'),
    PENNY_TRINO_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('address of the Trino that sums exports to days where they lie; see scaling.md'),
    PENNY_TRINO_USER: z.string().default('penny').describe('user that Trino knows Penny by'),
    PENNY_TRINO_PASSWORD: optionalText.describe('password of that user; goes over https only'),
    PENNY_ATHENA_DATABASE: optionalText.describe(
      'database of the AWS Glue catalog whose exports Amazon Athena sums to days; see scaling.md',
    ),
    PENNY_ATHENA_CATALOG: z.string().default('AwsDataCatalog').describe('catalog that this database is in'),
    PENNY_ATHENA_WORKGROUP: z.string().default('primary').describe('workgroup that queries run in'),
    PENNY_ATHENA_OUTPUT: z
      .string()
      .regex(/^s3:\/\/[^/]+\/?/, { message: 'is not like s3://bucket/prefix/' })
      .optional()
      .describe('place that Athena writes results to, such as s3://bucket/prefix/; unset: that of the workgroup'),
    PENNY_WAREHOUSE_TABLES: z
      .string()
      .regex(/^\s*[\w.]+\s*=\s*[\w-]+\s*(,\s*[\w.]+\s*=\s*[\w-]+\s*)*$/, {
        message: 'is not a list such as hive.billing.cur2=aws-cur-2',
      })
      .optional()
      .describe(
        'tables with the format of what they hold, such as hive.billing.cur2=aws-cur-2, comma separated, that the job ingest-warehouse loads',
      ),
    PROMETHEUS_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('address of the Prometheus that Kubernetes clusters report to; see kubernetes.md'),
    PROMETHEUS_TOKEN: optionalText.describe('bearer token for it; goes over https only'),
    PENNY_KUBERNETES_CLUSTER: optionalText.describe('name of the cluster of those series that carry no label for it'),
    PENNY_KUBERNETES_CLUSTER_LABEL: z
      .string()
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { message: 'is not the name of a label' })
      .default('cluster')
      .describe('label that holds the name, or the ARN, of the cluster'),
    PENNY_RECONCILE_PERCENT: decimalText
      .default('0.5')
      .describe('difference between bill and invoice, in percent, up to which a month counts as right'),
    PENNY_RECONCILE_AMOUNT: decimalText
      .default('1')
      .describe('the same as an amount in the currency of the bill; the greater of the two counts'),
    PENNY_CHECK_SETTINGS: checkSettings
      .optional()
      .describe(
        'thresholds of checks as JSON, such as {"ec2-idle":{"lookBackDays":32}}, in place of the built-in ones; see recommendations.md',
      ),
    PENNY_ALLOCATION_TAGS: z
      .string()
      .default(
        'team,owner,environment,env,application,app,project,product,service,department,business_unit,cost-center,cost_center,costcenter',
      )
      .describe('tag keys, comma separated, that are kept in the daily rollup so that questions about them stay fast'),
    PENNY_BILLING_PATHS: optionalText.describe(
      'folders, files and places of a store (s3://bucket/prefix) of billing exports, comma separated, that the job ingest-billing watches',
    ),
    PENNY_KEEP_ANSWERS_DAYS: keptDays(400, 62).describe('days that questions and their answers are kept'),
    PENNY_KEEP_USAGE_DAYS: keptDays(800, 62).describe('days that hourly measurements are kept, in whole months'),
    PENNY_KEEP_JOB_RUNS_DAYS: keptDays(90, 1).describe('days that finished job runs are kept'),
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
    PENNY_QUESTIONS_PER_MINUTE: z.coerce
      .number()
      .int()
      .min(1)
      .default(300)
      .describe('questions a person may ask in a minute'),
    PENNY_MODEL_TOKENS_PER_DAY: z.coerce
      .number()
      .int()
      .min(1)
      .default(2_000_000)
      .describe('tokens of the language model a person may use in a day (UTC); beyond it the offline model answers'),
    PENNY_MODEL_MONTHLY_BUDGET_USD: decimalText
      .optional()
      .describe(
        'what the language model may cost all people together in a month (UTC); beyond it the offline model answers',
      ),
    PENNY_MODEL_INPUT_USD_PER_MILLION: decimalText
      .optional()
      .describe('price of a million input tokens, for the budget'),
    PENNY_MODEL_OUTPUT_USD_PER_MILLION: decimalText
      .optional()
      .describe('price of a million output tokens, for the budget'),
    PENNY_PUBLIC_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('the address people open, such as https://penny.example.com; sign-in through a provider needs it'),
    PENNY_SESSION_HOURS: z.coerce
      .number()
      .int()
      .min(1)
      .max(24 * 90)
      .default(168)
      .describe('hours until one has to sign in again; 12 without a request end a session too'),
    PENNY_OIDC_ISSUER: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('issuer of the OpenID Connect provider that people sign in with; see identity.md'),
    PENNY_OIDC_CLIENT_ID: optionalText.describe('the client id that the provider knows Penny by'),
    PENNY_OIDC_CLIENT_SECRET: optionalText.describe('its secret; unset for a public client'),
    PENNY_OIDC_SCOPES: z.string().default('openid email profile').describe('scopes asked for'),
    PENNY_OIDC_AUTO_CREATE: z
      .enum(['off', 'viewer', 'engineer'])
      .default('viewer')
      .describe(
        'role of a person who signs in and whom nobody added; they see nothing until given a scope; `off` refuses them',
      ),
    PENNY_OIDC_GROUPS_CLAIM: z.string().default('groups').describe('claim that lists the groups of a person'),
    PENNY_OIDC_GROUP_ROLES: z
      .string()
      .regex(/^[^=,]+=\s*(viewer|engineer|approver|admin)\s*(,[^=,]+=\s*(viewer|engineer|approver|admin)\s*)*$/, {
        message: 'is not a list such as finops-admins=admin,finops=approver',
      })
      .optional()
      .describe('role of each group, such as finops-admins=admin,finops=approver; set, groups decide at each sign-in'),
    SLACK_BOT_TOKEN: optionalText.describe('token of the Slack app (xoxb-...); unset: no Slack; see slack.md'),
    SLACK_SIGNING_SECRET: optionalText.describe('signing secret of the app: proves what comes to /slack/events'),
    SLACK_APP_TOKEN: optionalText.describe(
      'app-level token (xapp-...) for Socket Mode, where Slack cannot reach Penny; one of the two is needed',
    ),
    SLACK_API_URL: z
      .url({ protocol: /^https?$/ })
      .default('https://slack.com/api/')
      .describe('where the Web API of Slack is, such as a stand-in'),
    PENNY_SLACK_OPEN_CHANNELS: z
      .string()
      .regex(/^[CG][A-Z0-9]+(\s*,\s*[CG][A-Z0-9]+)*$/, { message: 'is not a list of channel ids such as C0123ABCD' })
      .optional()
      .describe(
        'ids of channels, comma separated, in which everybody there may read what anybody asks; elsewhere only who asked does',
      ),
    TEAMS_APP_ID: optionalText.describe('id of the Teams bot in Entra ID; unset: no Teams; see teams.md'),
    TEAMS_APP_PASSWORD: optionalText.describe('client secret of that app'),
    TEAMS_TENANT_ID: optionalText.describe('tenant whose people may talk to the bot; others are turned away'),
    TEAMS_OPENID_METADATA_URL: z
      .url({ protocol: /^https?$/ })
      .default(TEAMS_METADATA)
      .describe('where the keys are published that prove requests of Teams, such as those of a stand-in'),
    PENNY_TEAMS_OPEN_CHANNELS: z
      .string()
      .regex(/^19:[^\s,;]+(\s*,\s*19:[^\s,;]+)*$/, {
        message: 'is not a list of channel ids such as 19:...@thread.tacv2',
      })
      .optional()
      .describe(
        'ids of Teams channels, comma separated, in which everybody there may read what anybody asks; elsewhere only who asked does',
      ),
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
    for (const [name, message] of [
      ...vaultProblems(env),
      ...signInProblems(env),
      ...budgetProblems(env),
      ...warehouseProblems(env),
      ...teamsProblems(env),
    ])
      context.addIssue({ code: 'custom', path: [name], message });
  });

export type Config = z.infer<typeof schema>;

/** The settings that are secrets: they may come from Vault (secrets.ts) and never show in a log, an error or an answer. */
export const SECRET_SETTINGS = [
  'PENNY_DATABASE_URL',
  'OPENAI_API_KEY',
  'PENNY_OIDC_CLIENT_SECRET',
  'PENNY_TRINO_PASSWORD',
  'PROMETHEUS_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'TEAMS_APP_PASSWORD',
] as const satisfies (keyof Config)[];

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

function signInProblems(env: { [name: string]: unknown }): [string, string][] {
  const { PENNY_OIDC_ISSUER: issuer } = env;
  if (typeof issuer !== 'string') return [];
  const problems: [string, string][] = ['PENNY_OIDC_CLIENT_ID', 'PENNY_PUBLIC_URL']
    .filter((name) => env[name] === undefined)
    .map((name) => [name, 'is needed with PENNY_OIDC_ISSUER']);
  // Whoever sits between Penny and the provider could sign in as anybody; on one machine nobody does.
  if (issuer.startsWith('http:') && !LOOPBACK_URL.test(issuer)) problems.push(['PENNY_OIDC_ISSUER', 'must be https']);
  return problems;
}

const LOOPBACK_URL = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/;

function warehouseProblems(env: { [name: string]: unknown }): [string, string][] {
  if (env.PENNY_TRINO_URL === undefined || env.PENNY_ATHENA_DATABASE === undefined) return [];
  return [['PENNY_ATHENA_DATABASE', 'or else PENNY_TRINO_URL sums the exports: set one of them']];
}

function teamsProblems(env: { [name: string]: unknown }): [string, string][] {
  if (env.TEAMS_APP_ID === undefined) return [];
  const { TEAMS_OPENID_METADATA_URL: metadata } = env;
  const problems: [string, string][] = [];
  if (env.TEAMS_TENANT_ID === undefined) problems.push(['TEAMS_TENANT_ID', 'is needed with TEAMS_APP_ID']);
  if (env.TEAMS_APP_PASSWORD === undefined && metadata === TEAMS_METADATA && !usesVault(env))
    problems.push(['TEAMS_APP_PASSWORD', 'is needed with TEAMS_APP_ID']);
  // Whoever sits between Penny and the keys could write as anybody; on one machine nobody does.
  if (String(metadata).startsWith('http:') && !LOOPBACK_URL.test(String(metadata)))
    problems.push(['TEAMS_OPENID_METADATA_URL', 'must be https']);
  return problems;
}

/** Whether the keys of Teams come from a stand-in for its servers. */
export const hasTeamsStandIn = ({ TEAMS_OPENID_METADATA_URL: url }: Config): boolean => url !== TEAMS_METADATA;

function budgetProblems(env: { [name: string]: unknown }): [string, string][] {
  if (env.PENNY_MODEL_MONTHLY_BUDGET_USD === undefined) return [];
  return ['PENNY_MODEL_INPUT_USD_PER_MILLION', 'PENNY_MODEL_OUTPUT_USD_PER_MILLION']
    .filter((name) => env[name] === undefined)
    .map((name) => [name, 'is needed with PENNY_MODEL_MONTHLY_BUDGET_USD']);
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

/** Keeps the AWS SDK from warning about the version of Node: the one it warns of is among those Penny is tested with. */
export function silenceAwsWarning(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}
