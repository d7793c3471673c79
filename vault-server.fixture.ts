import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import nodeVault from 'node-vault';
import type { VaultLimits, VaultUnderTest } from './vault.fixture.ts';

/** A running Vault (or OpenBao) that tests may set up as they like. */
export interface RealVault {
  address: string;
  rootToken: string;
  /** The one key that unseals it. */
  unsealKey: string;
}

/**
 * The same as `fakeVault`, made of a real server: what is said about the fake one is checked by running the same tests here.
 * @param databaseUrl the database whose users Vault makes, as somebody who may grant `role`
 */
export async function realVault(
  { address, rootToken, unsealKey }: RealVault,
  limits: VaultLimits,
  databaseUrl: string,
  role: string,
): Promise<VaultUnderTest> {
  const root = nodeVault({ endpoint: address, token: rootToken });
  const cluster = await tokenReviews();
  await setUp(root, limits, databaseUrl, role, cluster.address);
  let proxy = await proxyTo(new URL(address), 0);
  const { port } = proxy.server.address() as AddressInfo;
  const newSecretId = async () => (await root.write('auth/approle/role/penny/secret-id', {})).data.secret_id as string;
  const roleId = (await root.read('auth/approle/role/penny/role-id')).data.role_id as string;
  let secretId = await newSecretId();
  return {
    address: `http://127.0.0.1:${port}`,
    roleId,
    secretId,
    podToken: POD_TOKEN,
    time: { now: () => Date.now(), pass: (ms, signal) => delay(ms, undefined, { signal }) },
    passTime: (seconds) => delay(seconds * 1000),
    async write(path, values) {
      await root.write(path.replace('/', '/data/'), { data: values });
    },
    async seal() {
      await root.write('sys/seal', {});
    },
    async unseal() {
      await root.write('sys/unseal', { key: unsealKey });
    },
    stop: () => proxy.close(),
    async start() {
      proxy = await proxyTo(new URL(address), port);
    },
    async replaceSecretId() {
      await root.write('auth/approle/role/penny/secret-id/destroy', { secret_id: secretId });
      secretId = await newSecretId();
      return secretId;
    },
    async revokeAll() {
      await root.write('sys/leases/revoke-prefix/auth/approle/login', {});
    },
    async close() {
      await root.write('sys/leases/revoke-prefix/database', {});
      await proxy.close();
      cluster.server.close();
    },
  };
}

async function setUp(
  root: nodeVault.client,
  limits: VaultLimits,
  databaseUrl: string,
  role: string,
  clusterAddress: string,
): Promise<void> {
  const [mounts, logIns] = [await root.mounts(), await root.auths()];
  if (!('kv/' in mounts)) await root.write('sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  if (!('database/' in mounts)) await root.write('sys/mounts/database', { type: 'database' });
  for (const type of ['approle', 'kubernetes']) {
    if (!(`${type}/` in logIns)) await root.write(`sys/auth/${type}`, { type });
  }
  await root.delete('kv/metadata/penny');
  const policy =
    'path "kv/data/penny" { capabilities = ["read"] }\npath "database/creds/penny" { capabilities = ["read"] }';
  await root.write('sys/policies/acl/penny', { policy });
  const login = {
    token_policies: 'penny',
    token_ttl: `${limits.loginSeconds}s`,
    token_max_ttl: `${limits.loginMaxSeconds}s`,
  };
  await root.write('auth/approle/role/penny', login);
  await root.write('auth/kubernetes/config', {
    kubernetes_host: clusterAddress,
    disable_local_ca_jwt: true,
    token_reviewer_jwt: POD_TOKEN,
  });
  await root.write('auth/kubernetes/role/penny', {
    ...login,
    bound_service_account_names: 'penny',
    bound_service_account_namespaces: 'finops',
  });
  const url = new URL(databaseUrl);
  await root.write('database/config/penny', {
    plugin_name: 'postgresql-database-plugin',
    allowed_roles: 'penny',
    connection_url: `postgres://{{username}}:{{password}}@${url.host}${url.pathname}${url.search}`,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  });
  await root.write('database/roles/penny', {
    db_name: 'penny',
    creation_statements: [
      `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}' IN ROLE ${role}`,
      `ALTER ROLE "{{name}}" SET role = ${role}`,
    ],
    renew_statements: [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`],
    revocation_statements: ['DROP ROLE IF EXISTS "{{name}}"'],
    default_ttl: `${limits.userSeconds}s`,
    max_ttl: `${limits.userMaxSeconds}s`,
  });
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const ACCOUNT = { name: 'penny', uid: 'b1946ac9-2f1a-4f0e-9d3e-0a5f3c1f7d11' };
const POD_TOKEN = [
  encode({ alg: 'RS256', typ: 'JWT' }),
  encode({
    iss: 'kubernetes/serviceaccount',
    sub: 'system:serviceaccount:finops:penny',
    'kubernetes.io/serviceaccount/namespace': 'finops',
    'kubernetes.io/serviceaccount/service-account.name': ACCOUNT.name,
    'kubernetes.io/serviceaccount/service-account.uid': ACCOUNT.uid,
    'kubernetes.io/serviceaccount/secret.name': 'penny-token',
  }),
  Buffer.from('signature').toString('base64url'),
].join('.');

/** As much of the API of a Kubernetes cluster as Vault asks: whether a token of a pod is genuine, and whose it is. */
async function tokenReviews(): Promise<{ address: string; server: Server }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const user = { username: 'system:serviceaccount:finops:penny', uid: ACCOUNT.uid, groups: [] };
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        status: { authenticated: true, user },
      };
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(review));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A way to Vault that can be closed and opened again on the same port. */
async function proxyTo({ hostname, port: to }: URL, port: number) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const onward = connect(Number(to), hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => {}).on('close', () => sockets.delete(end));
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    server,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
