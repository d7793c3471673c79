/**
 * Who asks and what they may see. Built from a verified identity, never from text or model arguments; every query and
 * tool takes one. `scope: 'all'` sees every sub-account and tag.
 */
export interface Principal {
  userId: string;
  email: string;
  name: string;
  role: 'viewer' | 'engineer' | 'approver' | 'admin';
  scope: 'all' | { subAccountIds: string[]; tags: { key: string; value: string }[] };
}
