import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, test } from 'vitest';
import { plan } from './clouds/demo/plan.ts';
import { random } from './clouds/demo/random.ts';
import { packageRoot } from './config.ts';
import { keepSecrets, redact, redacted } from './redaction.ts';

/** Drawn as secrets are, but the same in every run. */
const draws = random(1, 'secrets');
const drawn = (alphabet: string, length: number) => Array.from({ length }, () => draws.pick([...alphabet])).join('');
const randomInt = (limit: number) => draws.integer(0, limit - 1);
const randomBytes = (length: number) => Buffer.from(draws.hex(2 * length), 'hex');
const randomUUID = () => [8, 4, 4, 4, 12].map((length) => draws.hex(length)).join('-');
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = `${CAPITALS}${CAPITALS.toLowerCase()}`;
const DIGITS = '0123456789';
const base64url = (bytes: number) => randomBytes(bytes).toString('base64url');
const json64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** 40 characters of which AWS draws its secret keys; a draw without capitals or digits is one in a hundred thousand. */
function awsSecretKey(): string {
  const key = drawn(`${LETTERS}${DIGITS}+/`, 40);
  return /\d/.test(key) ? key : awsSecretKey();
}

/** Secrets that their own form gives away, drawn anew at each call. */
const SECRETS: Record<string, () => string> = {
  'an AWS access key id': () => `AKIA${drawn(`${CAPITALS}234567`, 16)}`,
  'a temporary AWS access key id': () => `ASIA${drawn(`${CAPITALS}234567`, 16)}`,
  'an AWS secret access key': awsSecretKey,
  'a key of OpenAI': () => `sk-proj-${drawn(LETTERS + DIGITS, 48)}`,
  'an older key of OpenAI': () => `sk-${drawn(LETTERS + DIGITS, 48)}`,
  'a key of Anthropic': () => `sk-ant-api03-${base64url(60)}`,
  'a bot token of Slack': () => `xoxb-${drawn(DIGITS, 12)}-${drawn(DIGITS, 13)}-${drawn(LETTERS + DIGITS, 24)}`,
  'an app token of Slack': () =>
    `xapp-1-A${drawn(CAPITALS + DIGITS, 10)}-${drawn(DIGITS, 13)}-${randomBytes(32).toString('hex')}`,
  'a service token of Vault': () => `hvs.${base64url(24)}`,
  'a long service token of Vault': () => `hvs.CAESI${base64url(80)}`,
  'a token of Penny': () => `penny_${base64url(32)}`,
  'a JSON Web Token': () => `${json64({ alg: 'RS256', typ: 'JWT' })}.${json64({ sub: randomUUID() })}.${base64url(64)}`,
  'a token of GitHub': () => `ghp_${drawn(LETTERS + DIGITS, 36)}`,
  'a private key': () =>
    `-----BEGIN PRIVATE KEY-----\n${randomBytes(90).toString('base64')}\n-----END PRIVATE KEY-----`,
};

/** Secrets that what stands around them gives away; `%` is the secret, drawn anew. */
const CARRIERS = [
  'postgres://penny:%@db.internal:5432/penny',
  'could not connect to postgresql://penny:%@10.0.0.5/penny?sslmode=require: timeout',
  'redis://:%@cache:6379/0',
  'https://deploy:%@git.internal/finops.git',
  'Authorization: Bearer %',
  'authorization: Basic %',
  'Proxy-Authorization: Token %',
  'Cookie: theme=dark; session=%; other=1',
  'Set-Cookie: penny_session=%; HttpOnly; Path=/',
  'X-Vault-Token: %',
  'x-api-key: %',
  'password=% user=penny host=db',
  "PASSWORD '%' is wrong: password: '%'",
  'PGPASSWORD=% psql',
  'aws_secret_access_key = %',
  'AWS_SECRET_ACCESS_KEY=% aws s3 ls',
  'client_secret=%&grant_type=authorization_code',
  'AccountName=store;AccountKey=%;EndpointSuffix=core.windows.net',
  '{"password":"%","user":"penny"}',
  '{\\"role_id\\":\\"x\\",\\"secret_id\\":\\"%\\"}',
  'https://bucket.s3.amazonaws.com/a?X-Amz-Date=20261101T000000Z&X-Amz-Signature=%&x=1',
  'the new password is %',
];

describe('redact', () => {
  test.each(Object.entries(SECRETS))('takes %s out of text, JSON and stack traces', (_name, draw) => {
    for (let round = 0; round < 200; round++) {
      const secret = draw();
      for (const text of [
        secret,
        `costs of ${secret} last month?`,
        `{"tag":${JSON.stringify(secret)}}`,
        `at "${secret}".`,
      ]) {
        const clean = redact(text);
        expect(clean, text).toContain('[redacted]');
        expect(holdsPartOf(secret, clean), text).toBe(false);
        expect(redact(clean)).toBe(clean);
      }
    }
  });

  test.each(CARRIERS)('takes a password out of: %s', (carrier) => {
    for (let round = 0; round < 50; round++) {
      const password = `${drawn(LETTERS + DIGITS, 12)}7`;
      const text = carrier.replaceAll('%', password);
      const clean = redact(text);
      if (/ '%' is wrong/.test(carrier)) expect(clean.endsWith("password: '[redacted]'")).toBe(true);
      else expect(clean, text).not.toContain(password);
      expect(redact(clean)).toBe(clean);
    }
  });

  test('leaves what stands around a secret', () => {
    expect(redact('postgres://penny:s3cr@t/x@db:5432/penny?sslmode=require')).toBe(
      'postgres://penny:[redacted]@db:5432/penny?sslmode=require',
    );
    expect(redact('{"a":1,"cookie":"a=b; c=d","b":2}')).toBe('{"a":1,"cookie":"[redacted]","b":2}');
    expect(redact('key: -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nnext')).toBe(
      'key: [redacted]\nnext',
    );
  });

  test('takes the value of a secret in use out, in whatever form it stands', () => {
    keepSecrets('a test', ['correct/horse "battery" staple']);
    const clean = redact(
      `${encodeURIComponent('correct/horse "battery" staple')} ${JSON.stringify('correct/horse "battery" staple')}`,
    );
    expect(clean).toBe('[redacted] "[redacted]"');
  });

  test('forgets a secret that its source has replaced', () => {
    keepSecrets('a rotation', ['first-value-1']);
    keepSecrets('a rotation', ['second-value-2']);
    expect(redact('first-value-1 second-value-2')).toBe('first-value-1 [redacted]');
  });

  test('does not take a short word out because it is a password somewhere', () => {
    keepSecrets('another test', ['penny', 'postgres']);
    expect(redact('penny runs on postgres')).toBe('penny runs on postgres');
  });

  test('reads 64 kB of the worst text within a tenth of a second', () => {
    const pieces = [
      'cookie: a',
      'postgres://a:',
      'xoxb-',
      'sk-',
      '://a:',
      'eyJ',
      'password="',
      '-----BEGIN PRIVATE KEY-----',
    ];
    for (const piece of [...pieces, 'a1B', '"', ' ', 'authorization: ']) {
      const text = piece.repeat(Math.ceil(64_000 / piece.length));
      const began = performance.now();
      redact(text);
      expect(performance.now() - began, piece).toBeLessThan(500);
    }
  });
});

describe('honest text stays to the letter', () => {
  const estate = plan({ now: new Date('2026-11-24T09:00:00Z'), seed: 7, months: 14, scale: 1 });

  test('every name, id, tag and product of the demo estate', () => {
    const { resources, tagSets, skus, organisation, events, changes, waste, savingsPlans, reservations } = estate;
    const all = { resources, tagSets, skus, organisation, events, changes, waste, savingsPlans, reservations };
    const texts = new Set<string>();
    collectTexts(all, texts);
    expect(texts.size).toBeGreaterThan(3_000);
    expect([...texts].filter((text) => redact(text) !== text)).toEqual([]);
    // Also as a model reads them: many in one text, under column names.
    const asJson = JSON.stringify([...texts].map((value) => ({ resource_id: value, 'tag:team': value })));
    expect(redact(asJson)).toBe(asJson);
  });

  test('ids, hashes, times and numbers of the clouds and of Penny, whatever was drawn', () => {
    const kinds: (() => string)[] = [
      () => `i-0${randomBytes(8).toString('hex')}`,
      () => `vol-0${randomBytes(8).toString('hex')}`,
      () => `arn:aws:ec2:eu-central-1:${drawn(DIGITS, 12)}:instance/i-0${randomBytes(8).toString('hex')}`,
      () => `arn:aws:secretsmanager:eu-central-1:${drawn(DIGITS, 12)}:secret:prod/db/password-${drawn(LETTERS, 6)}`,
      () =>
        `arn:aws:elasticloadbalancing:us-east-1:${drawn(DIGITS, 12)}:loadbalancer/app/web/${randomBytes(8).toString('hex')}`,
      () => `arn:aws:savingsplans::${drawn(DIGITS, 12)}:savingsplan/${randomUUID()}`,
      () => `/subscriptions/${randomUUID()}/resourceGroups/rg-prod/providers/Microsoft.Compute/virtualMachines/vm1`,
      () => `projects/penny-prod/zones/europe-west3-a/instances/${drawn(DIGITS, 19)}`,
      () => randomUUID(),
      () => randomBytes(20).toString('hex'),
      () => randomBytes(32).toString('hex'),
      () => createHash('sha256').update(randomUUID()).digest('hex'),
      () => drawn(DIGITS, 1 + randomInt(60)),
      () => `${randomInt(1_000_000)}.${drawn(DIGITS, 10)}`,
      () => drawn(`${CAPITALS}${DIGITS}`, 16),
      () =>
        `${drawn(`${CAPITALS}${DIGITS}`, 16)}.${drawn(`${CAPITALS}${DIGITS}`, 10)}.${drawn(`${CAPITALS}${DIGITS}`, 10)}`,
      () => `git ${randomBytes(20).toString('hex')} ${randomBytes(4).toString('hex')}`,
      () => `sha256:${randomBytes(32).toString('hex')}`,
      () => `image@sha256:${randomBytes(32).toString('hex')}`,
      () => json64([new Date(randomInt(2 ** 40)).toISOString(), randomUUID()]),
      () => new Date(randomInt(2 ** 40)).toISOString(),
      () => `token_count: ${drawn(DIGITS, 6)}, input_token: ${drawn(DIGITS, 9)}`,
    ];
    for (const make of kinds) {
      for (let round = 0; round < 300; round++) {
        const text = make();
        for (const shown of [text, `cost of ${text}?`, JSON.stringify({ resource_id: text, hash: text })]) {
          expect(redact(shown)).toBe(shown);
        }
      }
    }
  });

  test('words and names that only look like the beginning of a secret', () => {
    for (const text of [
      'sk-learn-training-pipeline-nightly-2026',
      'sk-production-eu-central-1-database',
      'Basic monitoring and Basic support plans',
      'the password is wrong. Correct PENNY_DATABASE_URL.',
      'password authentication failed for user "penny"',
      'AWS Secrets Manager: 12.30 USD, Secrets: 14, tokens: 12000',
      'tag secret=blue, token: input, secret: none',
      "SELECT * FROM ask.costs WHERE tags->>'token' = 'team-a' AND tags->>'secret' = 'blue'",
      'db.r6g.16xlarge m7i.metal-48xl c5n.18xlarge USE1-BoxUsage:m5.large EUC1-DataTransfer-Out-Bytes',
      'http://localhost:3000/api/v1/billing?groupBy=tag:owner&x=a@b.example',
      'mailto:finops@example.com, https://example.com:8443/@team/path',
      'penny_cost_rollup_by_service_and_account_and_month',
      'Bearer authentication is required',
      '-H "authorization: Bearer $TOKEN", `Authorization: Bearer TOKEN`',
      'xoxo-candy-store-frontend-production',
      'cookies per session; cookie: none; tag cookie=yes and team=checkout',
      'savings of 1,234.56 USD (12.3 %) on SKU JRTCKXETXF8Z6NMQ.JRTCKXETXF.6YS6EN2CT7',
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  test('the questions and the documentation of Penny itself', () => {
    const files = globSync(['docs/*.md', 'evals/suites/*.ts', 'README.md'], {
      cwd: packageRoot,
      ignore: ['docs/secrets.md'],
    });
    for (const file of files) {
      const text = readFileSync(join(packageRoot, file), 'utf8');
      expect(redact(text), file).toBe(text);
    }
    expect(files.length).toBeGreaterThan(8);
  });
});

describe('redacted', () => {
  test('finds secrets at any depth, also by their name, and in names', () => {
    const token = SECRETS['a token of Penny']?.() ?? '';
    expect(
      redacted({
        list: [{ deep: [`see ${token}`, 1, null] }],
        password: 'hunter2',
        headers: { 'set-cookie': ['a=b'], Authorization: 'Basic x', accept: 'text/csv' },
        [token]: true,
      }),
    ).toEqual({
      list: [{ deep: ['see [redacted]', 1, null] }],
      password: '[redacted]',
      headers: { 'set-cookie': ['[redacted]'], Authorization: '[redacted]', accept: 'text/csv' },
      '[redacted]': true,
    });
  });

  test('hands the same object on when there is nothing to redact', () => {
    const rows = { rows: [['AmazonEC2', '12.50', null, 3]], inputTokens: 100, at: new Date(0) };
    expect(redacted(rows)).toBe(rows);
  });
});

/** Whether eight characters of the secret in a row are still there. */
function holdsPartOf(secret: string, text: string): boolean {
  const marks =
    /^(?:penny_|sk-(?:proj-|ant-api03-)?|xox[bp]-|xapp-1-|hvs\.(?:CAESI)?|ghp_|-----BEGIN PRIVATE KEY-----\n)/;
  const body = secret.replace(marks, '').replace(/\n-----END.*$/, '');
  for (let at = 0; at + 8 <= body.length; at++) if (text.includes(body.slice(at, at + 8))) return true;
  return false;
}

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') into.add(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
    if (!Array.isArray(value)) into.add(key);
    collectTexts(item, into);
  }
}
