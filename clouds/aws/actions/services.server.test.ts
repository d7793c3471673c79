import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { CreateClusterCommand as CreateEksCluster, CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ACCOUNT,
  type ActionScene,
  applyThrice,
  beforeOf,
  openActionScene,
  REGION,
  refusalOf,
  runOf,
  targetOf,
} from './action.fixture.ts';

let scene: ActionScene;
let ecs: ECSClient;
let eks: EKSClient;
let lambda: LambdaClient;
beforeAll(async () => {
  scene = await openActionScene();
  ecs = new ECSClient(scene.at);
  eks = new EKSClient(scene.at);
  lambda = new LambdaClient(scene.at);
  await ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
  await makeRole();
});
afterAll(async () => {
  for (const client of [ecs, eks, lambda]) client?.destroy();
  await scene?.close();
});

/** A function needs a role that exists; one request is less than another client. */
async function makeRole(): Promise<void> {
  const signed = `AWS4-HMAC-SHA256 Credential=OWN/20260101/${REGION}/iam/aws4_request, SignedHeaders=host, Signature=0`;
  const form = { Action: 'CreateRole', RoleName: 'thumbnails', AssumeRolePolicyDocument: '{}', Version: '2010-05-08' };
  const headers = { authorization: signed };
  const answer = await fetch(scene.moto.endpoint, { method: 'POST', headers, body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(await answer.text());
}

const FROM = { vcpus: 1, memoryGib: 4 };
const TO = { vcpus: 0.5, memoryGib: 2 };

async function service(name: string, desiredCount: number, containerMemory?: number): Promise<string> {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family: name, cpu: '1024', memory: '4096', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
      containerDefinitions: [
        { name, image: name, environment: [{ name: 'MODE', value: 'x' }], memory: containerMemory },
      ],
      tags: [{ key: 'team', value: 'shop' }],
    }),
  );
  // The stand-in takes a deployment to be over when it is made with no tasks, and runs those that are asked for later.
  const asked = { cluster: 'shop', serviceName: name, taskDefinition: `${name}:1`, launchType: 'FARGATE' } as const;
  const made = await ecs.send(new CreateServiceCommand({ ...asked, desiredCount: 0 }));
  await ecs.send(new UpdateServiceCommand({ cluster: 'shop', service: name, desiredCount }));
  return made.service?.serviceArn ?? '';
}

const revisionsOf = async (familyPrefix: string) =>
  (await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix }))).taskDefinitionArns ?? [];

test('a service runs no tasks, and as many as before again', async () => {
  const action = scene.action('stop-ecs-service');
  const arn = await service('idle', 3);
  const target = targetOf(arn, { serviceId: arn, desiredTasks: 0 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  await action.undo?.(run);
  expect((await action.observe(target))?.configuration.desiredTasks).toBe(3);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

test('a service that is not there, runs a task on each machine or is deployed by something else is left alone', async () => {
  const action = scene.action('stop-ecs-service');
  const arn = `arn:aws:ecs:${REGION}:${ACCOUNT}:service/shop/gone`;
  expect(await action.observe(targetOf(arn))).toBeUndefined();
  const target = targetOf(arn, { desiredTasks: 0 });
  const refusal = (configuration: Record<string, unknown>) =>
    action.refusal?.({ state: 'active', configuration, tags: {} }, target);
  expect(refusal({ schedulingStrategy: 'DAEMON' })).toContain('each machine');
  expect(refusal({ deploymentController: 'CODE_DEPLOY' })).toContain('CODE_DEPLOY');
});

test('tasks get another size by one new revision that is the same otherwise, and the old revision again', async () => {
  const action = scene.action('resize-ecs-service');
  const arn = await service('cart', 2);
  const target = targetOf(arn, { serviceId: arn, from: FROM, to: TO });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect(run.outcome.taskDefinition).toBe('cart:2');
  expect(await revisionsOf('cart')).toHaveLength(2);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  const asked = new DescribeTaskDefinitionCommand({ taskDefinition: 'cart:2', include: ['TAGS'] });
  const { taskDefinition, tags } = await ecs.send(asked);
  expect(taskDefinition).toMatchObject({
    ...{ cpu: '512', memory: '2048', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
    containerDefinitions: [{ name: 'cart', image: 'cart', environment: [{ name: 'MODE', value: 'x' }] }],
  });
  expect(tags).toContainEqual({ key: 'team', value: 'shop' });
  await action.undo?.(run);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

test('a worker that died after the registration does not register another revision', async () => {
  const action = scene.action('resize-ecs-service');
  const arn = await service('search', 1);
  const target = targetOf(arn, { serviceId: arn, from: FROM, to: TO });
  const before = await beforeOf(action, target);
  const dies = { ...runOf(target, { ...before }), keep: () => Promise.reject(new Error('killed')) };
  await expect(action.apply(dies)).rejects.toThrow('killed');
  await action.apply(runOf(target, { ...before }));
  expect(await revisionsOf('search')).toHaveLength(2);
});

test('tasks keep their size when it has changed, or when their containers would not fit', async () => {
  const action = scene.action('resize-ecs-service');
  const arn = await service('large', 1, 3000);
  expect(await refusalOf(action, targetOf(arn, { from: FROM, to: TO }))).toContain('more memory');
  expect(await refusalOf(action, targetOf(arn, { from: TO, to: TO }))).toContain('not the one');
});

test('a service scales between two numbers of tasks by one policy, and runs as many as before again', async () => {
  const action = scene.action('scale-ecs-service');
  const arn = await service('steady', 4);
  const target = targetOf(arn, { serviceId: arn, minTasks: 1, maxTasks: 4, targetCpuPercent: 60 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  const scaled = await action.observe(target);
  expect(scaled?.configuration).toMatchObject({ minTasks: 1, maxTasks: 4, policies: [`penny-${target.token}`] });
  expect(action.isDone(scaled, run)).toBe(true);
  expect(await refusalOf(action, target)).toContain('scales it already');
  for (let times = 0; times < 2; times++) await action.undo?.(run);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

test('a node group runs fewer nodes, below its least number too, and as many as before again', async () => {
  const action = scene.action('scale-node-group');
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/eks`;
  await eks.send(new CreateEksCluster({ name: 'main', roleArn, resourcesVpcConfig: { subnetIds: [] } }));
  const { nodegroup } = await eks.send(
    new CreateNodegroupCommand({
      ...{ clusterName: 'main', nodegroupName: 'nodes', nodeRole: roleArn, subnets: [] },
      scalingConfig: { minSize: 3, desiredSize: 5, maxSize: 8 },
    }),
  );
  const target = targetOf(nodegroup?.nodegroupArn ?? '', { fromNodes: 5, toNodes: 2 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  const scaled = await action.observe(target);
  expect(scaled?.configuration).toMatchObject({ minNodes: 2, desiredNodes: 2, maxNodes: 8 });
  expect(action.isDone(scaled, run)).toBe(true);
  expect(await refusalOf(action, target)).toContain('has 2 nodes already');
  await action.undo?.(run);
  expect((await action.observe(target))?.configuration).toMatchObject({ minNodes: 3, desiredNodes: 5 });
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

async function makeFunction(FunctionName: string): Promise<string> {
  const made = await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName, Role: `arn:aws:iam::${ACCOUNT}:role/thumbnails`, Runtime: 'nodejs22.x', Handler: 'i.h' },
      Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
      MemorySize: 512,
    }),
  );
  return made.FunctionArn ?? '';
}

test('a function gets other memory, and what it had again', async () => {
  const action = scene.action('set-lambda-memory');
  const arn = await makeFunction('thumbnails');
  const target = targetOf(arn, { functionId: arn, fromMemoryMib: 512, toMemoryMib: 256 });
  expect(await refusalOf(action, target)).toBeUndefined();
  const run = await applyThrice(action, target);
  expect((await action.observe(target))?.configuration.memoryMib).toBe(256);
  expect(action.isDone(await action.observe(target), run)).toBe(true);
  await action.undo?.(run);
  expect(action.isUndone?.(await action.observe(target), run)).toBe(true);
});

test('a function keeps its memory when an alias calls a published version', async () => {
  const action = scene.action('set-lambda-memory');
  const arn = await makeFunction('published');
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: 'published' }));
  await lambda.send(new CreateAliasCommand({ FunctionName: 'published', Name: 'live', FunctionVersion: Version }));
  expect(await refusalOf(action, targetOf(arn, { toMemoryMib: 256 }))).toContain('live');
});

test('a function that nothing is set up to call is deleted, once; one that a service may call is not', async () => {
  const action = scene.action('delete-function');
  const arn = await makeFunction('unused');
  const target = targetOf(arn, { functionId: arn });
  expect(await refusalOf(action, target)).toBeUndefined();
  await applyThrice(action, target);
  expect(await action.observe(target)).toBeUndefined();

  const called = await makeFunction('called');
  await lambda.send(
    new AddPermissionCommand({
      ...{ FunctionName: 'called', StatementId: 'events', Action: 'lambda:InvokeFunction' },
      Principal: 'events.amazonaws.com',
    }),
  );
  expect(await refusalOf(action, targetOf(called))).toContain('events.amazonaws.com');
});

test('a function that was changed meanwhile is another one than the proposal rests on', async () => {
  const action = scene.action('delete-function');
  const arn = await makeFunction('changed');
  const before = await beforeOf(action, targetOf(arn));
  const asked = { FunctionName: 'changed', MemorySize: 1024 };
  await lambda.send(new UpdateFunctionConfigurationCommand(asked));
  expect(await beforeOf(action, targetOf(arn))).not.toEqual(before);
});
