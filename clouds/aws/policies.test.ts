import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import { AWS_ACTIONS } from './actions/index.ts';
import { type Feature, OPERATIONS } from './permissions.ts';
import { actionsOf, policyOf } from './policies.ts';

const FOLDER = join(packageRoot, 'docs', 'aws-policies');
const NOWHERE = () => {
  throw new Error('nothing is called here');
};
const FEATURES = Object.keys(OPERATIONS) as Feature[];

// After a change of permissions.ts: npx vitest run clouds/aws/policies.test.ts -u
test.each(FEATURES)('the policy of %s is the one in the docs', async (feature) => {
  await expect(policyOf(feature)).toMatchFileSnapshot(join(FOLDER, `${feature}.json`));
});

test('each policy is named on the page about AWS, and no other lies beside them', () => {
  const files = readdirSync(FOLDER).sort();
  expect(files).toEqual(FEATURES.map((feature) => `${feature}.json`).sort());
  const page = readFileSync(join(packageRoot, 'docs', 'aws.md'), 'utf8');
  for (const file of files) expect(page).toContain(`(aws-policies/${file})`);
});

test('no policy allows a call that the code does not make', () => {
  const code = globSync('**/*.ts', {
    cwd: import.meta.dirname,
    ignore: ['**/*.test.ts', '**/*.fixture.ts'],
    absolute: true,
  })
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const unused = Object.values(OPERATIONS)
    .flatMap((clients) => Object.values(clients).flat())
    .filter((name) => !code.includes(`new ${name}Command(`) && !code.includes(`paginate${name}(`));
  expect(unused).toEqual([]);
});

test('no policy but that of remediations lets Penny change anything, but for queries of Athena and the results they leave', () => {
  const actions = FEATURES.filter((feature) => feature !== 'remediation').flatMap(actionsOf);
  expect(actions.filter((action) => !/:(Describe|List|Get)|^sts:AssumeRole$/.test(action))).toEqual([
    'athena:StartQueryExecution',
    'athena:StopQueryExecution',
    's3:AbortMultipartUpload',
    's3:PutObject',
  ]);
  const { Statement: statements } = JSON.parse(policyOf('warehouse'));
  const writing = statements.find(({ Action }: { Action: string[] }) => Action.includes('s3:PutObject'));
  expect(writing.Resource).toEqual(['arn:aws:s3:::YOUR-RESULTS-BUCKET/*']);
});

test('the policy of remediations allows what the actions say they call, and no more', () => {
  const said = new Set(AWS_ACTIONS.flatMap((action) => action(NOWHERE).operations));
  const allowed = Object.entries(OPERATIONS.remediation).flatMap(([client, names]) =>
    names.map((name) => `${client}.${name}`),
  );
  expect(allowed.sort()).toEqual([...said].sort());
});
