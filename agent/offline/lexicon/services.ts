/**
 * Services as people call them: names in the bill (FOCUS display names and Cost Explorer's), product codes, and everyday
 * words, apart by `;`, each list apart by `,`. Names: AWS FOCUS 1.x and CUR exports, product codes of the price list.
 */
const ROWS = `
Amazon Elastic Compute Cloud, Amazon EC2, EC2 - Other, EC2; AmazonEC2; ec2, elastic compute cloud, elastic compute, ec2 fleet
EC2 - Other; ; ec2 other, other ec2
Amazon Elastic Block Store, Amazon EBS; AmazonEBS; ebs, elastic block store, block storage
Amazon Simple Storage Service, Amazon S3; AmazonS3; s3, simple storage service, simple storage, object storage, blob storage
Amazon S3 Glacier, Amazon Glacier; AmazonGlacier, AmazonS3GlacierDeepArchive; glacier, s3 glacier
Amazon Relational Database Service, Amazon RDS Service, Amazon RDS; AmazonRDS; rds, relational database service, relational database, relational databases, aurora
AWS Lambda; AWSLambda; lambda, lambdas, serverless functions
Amazon DynamoDB; AmazonDynamoDB; dynamodb, dynamo, dynamo db, ddb
Amazon ElastiCache; AmazonElastiCache; elasticache, elasti cache, redis, memcached, valkey
Amazon Redshift; AmazonRedshift; redshift, red shift
Amazon CloudFront; AmazonCloudFront; cloudfront, cloud front, cdn
Amazon CloudWatch, AmazonCloudWatch; AmazonCloudWatch; cloudwatch, cloud watch, cw
Amazon Virtual Private Cloud, Amazon VPC; AmazonVPC; vpc, vpcs, virtual private cloud, virtual private clouds
Elastic Load Balancing, Amazon Elastic Load Balancing; AWSELB; elb, elbs, load balancing, elastic load balancing, elastic load balancer, elastic load balancers
Amazon Route 53; AmazonRoute53; route53, route 53, r53, dns
Amazon Simple Queue Service; AWSQueueService, AmazonSQS; sqs, simple queue service, queue service
Amazon Simple Notification Service; AmazonSNS; sns, simple notification service
Amazon Simple Email Service; AmazonSES; ses, simple email service
Amazon Elastic Container Service, Amazon ECS; AmazonECS; ecs, elastic container service, fargate
Amazon Elastic Container Service for Kubernetes, Amazon Elastic Kubernetes Service, Amazon EKS; AmazonEKS; eks, elastic kubernetes service, eks cluster, eks clusters, eks control plane
Amazon EC2 Container Registry (ECR), Amazon Elastic Container Registry, Amazon ECR; AmazonECR; ecr, container registry, elastic container registry
Amazon Elastic File System, Amazon EFS; AmazonEFS; efs, elastic file system
Amazon FSx; AmazonFSx; fsx
AWS Key Management Service; awskms, AWSKMS; kms, key management service, key management
AWS Secrets Manager; AWSSecretsManager; secrets manager, secretsmanager
AWS Systems Manager; AWSSystemsManager; systems manager, ssm
AWS Config; AWSConfig; config, aws config
AWS CloudTrail; AWSCloudTrail; cloudtrail, cloud trail
Amazon GuardDuty; AmazonGuardDuty; guardduty, guard duty
AWS Security Hub; AWSSecurityHub; security hub, securityhub
Amazon Inspector; AmazonInspectorV2, AmazonInspector; inspector, amazon inspector
Amazon Macie; AmazonMacie; macie
AWS WAF; awswaf; waf, web application firewall
AWS Shield; AWSShield; shield, aws shield
AWS Network Firewall; AWSNetworkFirewall; network firewall
AWS Backup; AWSBackup; backup, backups, aws backup
AWS Glue; AWSGlue; glue
Amazon Athena; AmazonAthena; athena
Amazon Kinesis, Amazon Kinesis Data Streams; AmazonKinesis; kinesis, kinesis data streams, data streams
Amazon Kinesis Firehose, Amazon Data Firehose; AmazonKinesisFirehose; firehose, kinesis firehose, data firehose
Amazon Managed Streaming for Apache Kafka; AmazonMSK; msk, kafka, managed kafka
Amazon OpenSearch Service, Amazon Elasticsearch Service; AmazonES; opensearch, open search, elasticsearch, elastic search
Amazon EMR, Amazon Elastic MapReduce; ElasticMapReduce; emr, elastic mapreduce, elastic map reduce
Amazon SageMaker, Amazon SageMaker AI; AmazonSageMaker; sagemaker, sage maker
Amazon Bedrock; AmazonBedrock, AmazonBedrockService; bedrock
Amazon Textract; AmazonTextract; textract
Amazon Rekognition; AmazonRekognition; rekognition
Amazon Comprehend; comprehend, AmazonComprehend; comprehend
Amazon Transcribe; transcribe, AmazonTranscribe; amazon transcribe, transcribe
Amazon Polly; AmazonPolly; polly
Amazon Translate; translate, AmazonTranslate; amazon translate
Amazon Kendra; AmazonKendra; kendra
Amazon Lex; AmazonLex; lex, amazon lex
Amazon Q, Amazon Q Developer, Amazon Q Business; AmazonQ; amazon q, q developer, q business
Amazon API Gateway; AmazonApiGateway; api gateway, apigateway, apigw
AWS AppSync; AWSAppSync; appsync, app sync
AWS Step Functions; AmazonStates; step functions, stepfunctions
Amazon EventBridge; AWSEvents; eventbridge, event bridge
Amazon MQ; AmazonMQ; amazon mq, mq
Amazon Cognito; AmazonCognito; cognito
AWS Amplify; AWSAmplify; amplify
AWS App Runner; AWSAppRunner; app runner, apprunner
AWS Elastic Beanstalk; AWSElasticBeanstalk; elastic beanstalk, beanstalk
Amazon Lightsail; AmazonLightsail; lightsail
AWS Batch; AWSBatch; aws batch
Amazon WorkSpaces; AmazonWorkSpaces; workspaces, workspace desktops
Amazon Connect; AmazonConnect; amazon connect
Amazon QuickSight; AmazonQuickSight; quicksight, quick sight
Amazon DocumentDB (with MongoDB compatibility), Amazon DocumentDB; AmazonDocDB; documentdb, document db, docdb
Amazon Neptune; AmazonNeptune; neptune
Amazon Timestream; AmazonTimestream; timestream
Amazon Keyspaces (for Apache Cassandra), Amazon Keyspaces; AmazonMCS; keyspaces
Amazon MemoryDB; AmazonMemoryDB; memorydb, memory db
AWS Database Migration Service; AWSDatabaseMigrationSvc; dms, database migration service
AWS DataSync; AWSDataSync; datasync, data sync
AWS Transfer Family; AWSTransfer; transfer family, sftp
AWS Direct Connect; AWSDirectConnect; direct connect, directconnect, dx
AWS Transit Gateway; AWSTransitGateway; transit gateway, transit gateways, tgw
AWS Global Accelerator; AWSGlobalAccelerator; global accelerator
AWS Data Transfer; AWSDataTransfer; data transfer, data transfers, data transfer out, egress, data egress, bandwidth, network egress
AWS CodeBuild; CodeBuild; codebuild, code build
AWS CodePipeline; AWSCodePipeline; codepipeline
AWS CodeArtifact; AWSCodeArtifact; codeartifact
AWS X-Ray; AWSXRay; x ray, xray
AWS CloudFormation; AWSCloudFormation; cloudformation
AWS Cloud Map; AWSCloudMap; cloud map
AWS Lake Formation; AWSLakeFormation; lake formation
AWS IoT; AWSIoT; iot core, aws iot
AWS Elemental MediaConvert; AWSElementalMediaConvert; mediaconvert, elemental
AWS Cost Explorer; AWSCostExplorer; cost explorer api
AWS Certificate Manager; AWSCertificateManager; certificate manager, acm
Amazon Managed Service for Prometheus; AmazonPrometheus; managed prometheus, amazon prometheus, prometheus
Amazon Managed Grafana; AmazonGrafana; managed grafana, amazon grafana, grafana
Amazon Managed Workflows for Apache Airflow; AmazonMWAA; mwaa, airflow, managed airflow
Amazon Location Service; AmazonLocationService; location service
Amazon Pinpoint; AmazonPinpoint; pinpoint
AWS Support, AWS Support (Developer), AWS Support (Business), AWS Support (Enterprise), AWS Premium Support; AWSSupportBusiness, AWSSupportEnterprise, AWSSupportDeveloper, AWSDeveloperSupport; support, aws support, support plan, support fees, support charges, support costs, premium support, business support, enterprise support
AWS Marketplace; AWSMarketplace; marketplace, aws marketplace
Savings Plans for AWS Compute usage, Savings Plans for Compute usage; ComputeSavingsPlans; savings plan fees
`;

export interface KnownService {
  names: string[];
  codes: string[];
  aliases: string[];
}

const listed = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export const KNOWN_SERVICES: KnownService[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [names, codes, aliases] = row.split(';');
    return { names: listed(names), codes: listed(codes), aliases: listed(aliases) };
  });

/** FOCUS service categories and the words for them. */
export const CATEGORY_WORDS: Record<string, string> = {
  'AI and Machine Learning':
    'ai | ml | machine learning | artificial intelligence | ai ml | ai and ml | genai | gen ai | generative ai | llm | llms',
  Analytics: 'analytics | data analytics | big data',
  'Business Applications': 'business applications',
  Compute: 'compute | computing | compute resources',
  Databases: 'database | databases | db | dbs',
  'Developer Tools': 'developer tools | dev tools | devtools',
  Multicloud: 'multicloud',
  Identity: 'identity',
  Integration: 'integration | messaging | application integration',
  'Internet of Things': 'iot | internet of things',
  'Management and Governance': 'management and governance | governance | observability | monitoring | logging',
  Media: 'media | media services',
  Migration: 'migration',
  Mobile: 'mobile',
  Networking: 'network | networking | networks',
  Security: 'security',
  Storage: 'storage',
  Web: 'web',
  Other: 'other category',
};

/** Vendors people ask about; where the bill has none of them, that is the answer. */
export const VENDORS = `azure | microsoft azure | gcp | google cloud | google cloud platform | google | microsoft | oracle cloud | oci | alibaba cloud | ibm cloud | digitalocean | digital ocean | snowflake |
  databricks | datadog | new relic | openai | open ai | anthropic | claude | gpt | chatgpt | gpt 4 | gpt 4o | gemini | mongodb atlas | mongodb | atlas | cloudflare | github | gitlab | vercel | netlify | heroku | modal | fastly |
  bigquery | big query | confluent | elastic cloud | splunk | pagerduty | twilio | stripe | hetzner | ovh | linode | saas | saas tools | salesforce | okta | sentry | grafana cloud | copilot | cursor`;
