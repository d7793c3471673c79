import { AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { type InventoryKind, known, SERVICE, tagsOf } from './kind.ts';

/** Auto Scaling groups. They cost nothing themselves; their instances do. */
export const scalingGroups: InventoryKind = {
  resourceTypes: ['autoscaling:autoScalingGroup'],
  async *read({ place }) {
    const pages = paginateDescribeAutoScalingGroups({ client: place.client(AutoScalingClient), pageSize: 100 }, {});
    for await (const { AutoScalingGroups } of pages) {
      for (const group of AutoScalingGroups ?? []) {
        if (group.AutoScalingGroupARN === undefined) continue;
        const mixed = group.MixedInstancesPolicy;
        const members = group.Instances ?? [];
        yield {
          resourceId: group.AutoScalingGroupARN,
          resourceType: 'autoscaling:autoScalingGroup',
          serviceName: SERVICE.ec2,
          name: group.AutoScalingGroupName ?? null,
          // AWS names a state only while a group is being deleted.
          state: group.Status?.toLowerCase() ?? 'active',
          createdAt: group.CreatedTime,
          tags: tagsOf(group.Tags),
          configuration: known({
            minSize: group.MinSize,
            maxSize: group.MaxSize,
            desiredCapacity: group.DesiredCapacity,
            instances: members.length,
            members: members.flatMap(({ InstanceId }) => InstanceId ?? []).sort(),
            membersInService: members.filter(({ LifecycleState }) => LifecycleState === 'InService').length,
            instanceTypes: [...new Set(members.flatMap(({ InstanceType }) => InstanceType ?? []))].sort(),
            launchTemplate:
              group.LaunchTemplate?.LaunchTemplateName ??
              mixed?.LaunchTemplate?.LaunchTemplateSpecification?.LaunchTemplateName,
            onDemandPercentAboveBase: mixed?.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity,
            suspendedProcesses: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []).sort(),
          }),
        };
      }
    }
  },
};
