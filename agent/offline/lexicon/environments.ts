/** Words for the same environment; a tag value of one row answers to every word of it. */
export const ENVIRONMENT_WORDS: string[][] = [
  ['production', 'prod', 'prd', 'live', 'produktion'],
  ['staging', 'stage', 'stg', 'preprod', 'pre production', 'pre prod'],
  ['development', 'dev', 'develop'],
  ['test', 'testing', 'tst', 'qa', 'uat'],
  ['sandbox', 'sbx', 'playground'],
];

/** Tag keys that hold what a noun means, best first; keys are compared without case, hyphens and underscores. */
export const TAG_FAMILIES: Record<string, string[]> = {
  team: ['team', 'squad', 'teamname', 'owningteam', 'ownerteam', 'group', 'owner'],
  owner: ['owner', 'ownedby', 'owneremail', 'createdby', 'contact', 'team'],
  environment: ['environment', 'env', 'stage', 'deploymentstage', 'environmenttype'],
  application: [
    'application',
    'app',
    'appname',
    'applicationname',
    'workload',
    'system',
    'service',
    'project',
    'component',
  ],
  project: ['project', 'projectname', 'projectid', 'initiative', 'application', 'app'],
  product: ['product', 'productname', 'productline'],
  department: [
    'department',
    'dept',
    'businessunit',
    'bu',
    'division',
    'organization',
    'org',
    'costcenter',
    'costcentre',
  ],
  'cost-center': ['costcenter', 'costcentre', 'costcode', 'businessunit', 'department'],
  customer: ['customer', 'client', 'tenant', 'customerid', 'tenantid'],
};

/** What to break down by where an estate has no tag for the noun, and the bill has a column that people mean by it. */
export const REPLACEABLE_FAMILIES: Record<string, string> = { product: 'service_name' };
