import { describe, expect, test } from 'vitest';
import { ESTATE } from './estate.fixture.ts';
import { planText } from './plan-text.fixture.ts';
import { planQuestion } from './planner.ts';

/** Thursday 15 January 2026; the bill of the estate reaches the 14th. A plan is written as `planText` says. */
const NOW = new Date('2026-01-15T10:00:00Z');

const TABLES: Record<string, string> = {
  totals: `
How much did we spend last month? => costs [last month]
hey penny, could you please tell me what our aws bill was in november? => costs [November 2025]
HOW MUCH DID WE SPEND LAST MONTH??? => costs [last month]
Give me the total for December => costs [December 2025]
what's the damage so far this month => costs [this month]
Month to date spend, please => costs [this month]
What did yesterday cost us? => costs [yesterday]
Spend in the past two weeks? => costs [last 2 weeks]
how much did we spend in the last 24 hours => costs [last 24 hours]
spend since 1 December => costs [2025-12-01..2026-01-15]
Nov 10-14 by day => costs [2025-11-10..2025-11-15] per day
cost last weekend => costs [last weekend]
last tuesday's cost => costs [2026-01-13..2026-01-14]
Can you pull the numbers for RDS for me? Just December please. => costs [December 2025] where service_name = Amazon Relational Database Service
whats our s3 bill rn => costs [last 30 days] where service_name = Amazon Simple Storage Service
quarter to date => costs [this quarter]
Wie viel haben wir letzten Monat ausgegeben? => costs [last month]
cuánto gastamos el mes pasado => costs [last month]
`,
  'services by everyday names': `
what did lambda cost last month => costs [last month] where service_name = AWS Lambda
Guard duty bill => costs [last 30 days] where service_name = Amazon GuardDuty
dynamo costs trend => costs [last 90 days] where service_name = Amazon DynamoDB per week
kafka cost => costs [last 30 days] where service_name = Amazon Managed Streaming for Apache Kafka
Cost of Elasticsearch => costs [last 30 days] where service_name = Amazon OpenSearch Service
EKS costs => costs [last 30 days] where service_name = Amazon Elastic Container Service for Kubernetes
fargate spend => costs [last 30 days] where service_name = Amazon Elastic Container Service
route 53 => costs [last 30 days] where service_name = Amazon Route 53
kinesis, msk and sqs costs => costs [last 30 days] by service_name where service_name = Amazon Kinesis|Amazon Managed Streaming for Apache Kafka|Amazon Simple Queue Service
how much do we pay for AWS support? => costs [last 30 days] where service_name = AWS Support (Enterprise)
cost of NAT gateways => costs [last 30 days] where x_usage_type ~ NatGateway
EBS snapshot costs => costs [last 30 days] where x_usage_type ~ EBS:Snapshot|Snapshot
elastic ip charges by region => costs [last 30 days] by region_id where x_usage_type ~ PublicIPv4
data transfer by account => costs [last 30 days] by sub_account_id where x_usage_type ~ DataTransfer|AWS-Out-Bytes
inter-az traffic cost => costs [last 30 days] where x_usage_type ~ DataTransfer-Regional
load balancers cost => costs [last 30 days] where service_name = Elastic Load Balancing
How much does storage cost us? => costs [last 30 days] where service_category = Storage
compute cost per team => costs [last 30 days] by tag:team where service_category = Compute
networking spend in December => costs [December 2025] where service_category = Networking
AI spend => costs [last 30 days] where service_category = AI and Machine Learning
machine learning costs by account => costs [last 30 days] by sub_account_id where service_category = AI and Machine Learning
how mcuh did we spned on amazon cloudfrnt last month => costs [last month] where service_name = Amazon CloudFront
Lamda costs => costs [last 30 days] where service_name = AWS Lambda
Cost of Amazon Bedrok this month => costs [this month] where service_name = Amazon Bedrock
`,
  'accounts, regions, tags, resources': `
What's the payments team's spend last month? => costs [last month] where tag:team = payments
How much did the search team spend on EC2 last month? => costs [last month] where tag:team = search & service_name = Amazon Elastic Compute Cloud
Cost of the northgate-staging account in the last 90 days => costs [last 90 days] where sub_account_id = 410022962963
northgate production eu => costs [last 30 days] where sub_account_id = 410015308642
the data account => costs [last 30 days] where sub_account_id = 410038271605
what does the prod account cost => costs [last 30 days] where sub_account_id = 410007654321
what do the production accounts cost => costs [last 30 days] where sub_account_id = 410007654321|410015308642
cost of account 410007654321 => costs [last 30 days] where sub_account_id = 410007654321
EC2 cost in Oregon last month => costs [last month] where service_name = Amazon Elastic Compute Cloud & region_id = us-west-2
what do we pay in Frankfurt? => costs [last 30 days] where region_id = eu-central-1
spend in europe => costs [last 30 days] where region_id = eu-west-1|eu-central-1
what are costs in the US => costs [last 30 days] where region_id = us-east-1|us-west-2
eu-central-1a costs => costs [last 30 days] where availability_zone = eu-central-1a
What did the checkout application cost last month? => costs [last month] where tag:application = checkout
how much does the checkout service cost us each month => costs [since 2025-08-01] where tag:application = checkout per month
demand-forecast application cost last month => costs [last month] where tag:application = demand-forecast
recommendations app cost by service => costs [last 30 days] by service_name where tag:application = recommendations
how much are we spending on the ledger and checkout applications? => costs [last 30 days] by tag:application where tag:application = ledger|checkout
cost center CC-1150 in Q4 => costs [Q4 2025] where tag:cost_center = CC-1150
production costs => costs [last 30 days] where tag:environment = production|prod
dev environment spend last week => costs [last week] where tag:environment = development
cost for env=staging => costs [last 30 days] where tag:environment = staging
team:payments last week => costs [last week] where tag:team = payments
environment = production and team = search, by service => costs [last 30 days] by service_name where tag:environment = production & tag:team = search
m5.large spend => costs [last 30 days] where x_instance_type = m5.large
t3 instances cost => costs [last 30 days] where x_instance_type ~ t3.
what are we paying for c6i.2xlarge in Frankfurt => costs [last 30 days] where x_instance_type = c6i.2xlarge & region_id = eu-central-1
i-0a1b2c3d4e5f60718 cost last month => costs [last month] where resource_id = i-0a1b2c3d4e5f60718
paymets team spend => costs [last 30 days] where tag:team = payments
cost in Frankfrut => costs [last 30 days] where region_id = eu-central-1
`,
  exclusions: `
Total spend last month excluding tax => costs [last month] where charge_category != Tax
What did we spend last month without EC2? => costs [last month] where service_name != Amazon Elastic Compute Cloud
excluding support and tax by account => costs [last 30 days] by sub_account_id where service_name != AWS Support (Enterprise) & charge_category != Tax
without the sandbox account => costs [last 30 days] where sub_account_id != 410068888889
all costs except EC2 and RDS last month => costs [last month] where service_name != Amazon Elastic Compute Cloud|Amazon Relational Database Service
everything but EC2 => costs [last 30 days] where service_name != Amazon Elastic Compute Cloud
non-prod spend => costs [last 30 days] where tag:environment != production|prod
spend that is not production => costs [last 30 days] where tag:environment != production|prod
spend outside us-east-1 => costs [last 30 days] where region_id != us-east-1
all regions other than us-east-1, by service => costs [last 30 days] by region_id, service_name where region_id != us-east-1
cost by account ignoring tax, support and credits => costs [last 30 days] by sub_account_id where charge_category != Tax & service_name != AWS Support (Enterprise)
S3 without data transfer costs => costs [last 30 days] where service_name = Amazon Simple Storage Service & x_usage_type != DataTransfer-Out-Bytes|DataTransfer-Regional-Bytes|USE1-EUW1-AWS-Out-Bytes
show me the costs of all teams except platform => costs [last 30 days] by tag:team where tag:team != platform
`,
  'which cost': `
Amortized cost last month => costs [last month]
What is the billed cost of last month? => costs billed_cost [last month]
How much were we invoiced for in the last 30 days? => costs billed_cost [last 30 days]
unblended cost in november by service => costs billed_cost [November 2025] by service_name
invoice total for November => costs billed_cost [November 2025]
What would last month have cost at list price? => costs list_cost [last month]
how much would we have paid at public prices in Q4? => costs list_cost [Q4 2025]
contracted cost by service => costs contracted_cost [last 30 days] by service_name
billed vs amortized cost last month => costs billed_cost [last month] + costs [last month]
gross spend last month => costs [last month]
Net cost after credits last month? => costs [last month] with credits
Total including credits and tax => costs [last 30 days] with credits
spend net of credits and refunds => costs [last 30 days] with credits
How much did we get in credits in the last 12 months? => costs [last 12 months] where charge_category = Credit with credits
did we get any credits this month? => costs [this month] where charge_category = Credit with credits
How much tax did we pay last month? => costs [last month] where charge_category = Tax
any refunds in December? => costs [December 2025] where charge_category = Adjustment
upfront fees this year => costs [this year] where charge_category = Purchase
usage charges vs purchases => costs [last 30 days] by charge_category where charge_category = Usage|Purchase
`,
  'commitments and discounts': `
savings plan costs last month => costs [last month] where commitment_discount_category = Spend
RI costs => costs [last 30 days] where commitment_discount_category = Usage
On-demand versus committed spend last month => costs [last month] by pricing_category where charge_category = Usage
how much did we spend on demand vs spot => costs [last 30 days] by pricing_category where charge_category = Usage
what fraction of EC2 is on spot => costs [last 30 days] by pricing_category where service_name = Amazon Elastic Compute Cloud
spot spend by team => costs [last 30 days] by tag:team where pricing_category = Dynamic
are our savings plans fully utilized? => costs [last 30 days] by commitment_discount_status where commitment_discount_category = Spend & commitment_discount_status is not null
What is unused reservation cost? => costs [last 30 days] by commitment_discount_status where commitment_discount_category = Usage & commitment_discount_status is not null
what's our discount versus list? => costs list_cost [last 30 days] where charge_category = Usage + costs contracted_cost [last 30 days] where charge_category = Usage + costs [last 30 days] where charge_category = Usage
how much do savings plans save us? => costs list_cost [last 30 days] where charge_category = Usage + costs contracted_cost [last 30 days] where charge_category = Usage + costs [last 30 days] where charge_category = Usage
how much did negotiated discounts save us last quarter => costs list_cost [last quarter] where charge_category = Usage + costs contracted_cost [last quarter] where charge_category = Usage + costs [last quarter] where charge_category = Usage
difference between list and effective cost in December => costs list_cost [December 2025] where charge_category = Usage + costs contracted_cost [December 2025] where charge_category = Usage + costs [December 2025] where charge_category = Usage
`,
  breakdowns: `
Show me last month by service => costs [last month] by service_name
Break down the last 30 days by region => costs [last 30 days] by region_id
spend per service category last month => costs [last month] by service_category
Last month split by charge category => costs [last month] by charge_category
cost by team and environment => costs [last 30 days] by tag:team, tag:environment
spend by service per account => costs [last 30 days] by service_name, sub_account_id
by region and service for the payments team last quarter => costs [last quarter] by region_id, service_name where tag:team = payments
Show me a table of services by account for November => costs [November 2025] by service_name, sub_account_id
breakdown of EC2 by purchase option => costs [last 30 days] by pricing_category where service_name = Amazon Elastic Compute Cloud
S3 storage class breakdown => costs [last 30 days] by x_usage_type where service_name = Amazon Simple Storage Service
Break S3 down by bucket => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service
How does EC2 spend split across regions this month? => costs [this month] by region_id where service_name = Amazon Elastic Compute Cloud
What services does northgate-data pay for last month? => costs [last month] by service_name where sub_account_id = 410038271605
what runs in Frankfurt? => costs [last 30 days] by service_name where region_id = eu-central-1
services used by the search team last month => costs [last month] by service_name where tag:team = search
give me an overview of December => costs [December 2025] by service_name
walk me through last month's costs => costs [last month] by service_name
what am I paying for? => costs [last 30 days] by service_name
where is the money going? => costs [last 30 days] by service_name
who owns the most expensive instance? => costs [last 30 days] by resource_id, tag:team where resource_id is not null & x_usage_type ~ BoxUsage top 5
Who is the owner of the largest volume last month? => costs [last month] by resource_id, tag:team where x_usage_type ~ EBS:Volume & resource_id is not null top 5
which teams own the most expensive databases => costs [last 30 days] by resource_id, tag:team where service_category = Databases & resource_id is not null top 10
distribution of spend across teams => costs [last 30 days] by tag:team
Which teams use Bedrock? => costs [last 30 days] by tag:team where service_name = Amazon Bedrock
`,
  'side by side': `
EC2 vs Lambda costs => costs [last 30 days] by service_name where service_name = Amazon Elastic Compute Cloud|AWS Lambda
Compare us-east-1 with eu-west-1 this month => costs [this month] by region_id where region_id = us-east-1|eu-west-1
Compare staging with production for RDS last month => costs [last month] by tag:environment where tag:environment = staging|production|prod & service_name = Amazon Relational Database Service
What did S3 and Lambda cost together last month? => costs [last month] by service_name where service_name = Amazon Simple Storage Service|AWS Lambda
For the payments team, what did we spend on RDS vs DynamoDB in Q4? => costs [Q4 2025] by service_name where tag:team = payments & service_name = Amazon Relational Database Service|Amazon DynamoDB
did the search team spend more than the payments team last month? => costs [last month] by tag:team where tag:team = search|payments
is eu-west-1 more expensive than us-east-1? => costs [last 30 days] by region_id where region_id = eu-west-1|us-east-1
EC2 and data transfer costs => costs [last 30 days] where service_name = Amazon Elastic Compute Cloud + costs [last 30 days] where x_usage_type ~ DataTransfer|AWS-Out-Bytes
Costs for October, November and December => costs [October 2025] + costs [November 2025] + costs [December 2025]
What did we spend yesterday, last week and last month? => costs [yesterday] + costs [last week] + costs [last month]
what's our top service and top account? => costs [last 30 days] by service_name top 5 + costs [last 30 days] by sub_account_id top 10
List top 3 services and top 3 accounts for last month => costs [last month] by service_name top 3 + costs [last month] by sub_account_id top 3
how many regions do we use and which is the most expensive? => describe regions + costs [last 30 days] by region_id where region_id is not null top 10
lambda vs compute in December => costs [December 2025] where service_name = AWS Lambda + costs [December 2025] where service_category = Compute
S3 storage and compute costs last month => costs [last month] where service_name = Amazon Simple Storage Service + costs [last month] where service_category = Compute
compare EC2 and S3 and storage => costs [last 30 days] by service_name where service_name = Amazon Elastic Compute Cloud|Amazon Simple Storage Service + costs [last 30 days] where service_category = Storage
compute and lambda last month => costs [last month] where service_category = Compute + costs [last month] where service_name = AWS Lambda
compare lambda to compute last month => costs [last month] where service_name = AWS Lambda + costs [last month] where service_category = Compute
what share of compute is EC2 => costs [last 30 days] by service_name where service_category = Compute
is compute more expensive than RDS => costs [last 30 days] where service_category = Compute + costs [last 30 days] where service_name = Amazon Relational Database Service
compare storage to last month => costs [this month] vs [previous period] where service_category = Storage
compare EC2 and S3 to last month => costs [this month] vs [previous period] by service_name where service_name = Amazon Elastic Compute Cloud|Amazon Simple Storage Service
compare S3 in December to November => costs [December 2025] vs [previous period] where service_name = Amazon Simple Storage Service
`,
  rankings: `
Top 5 services last month => costs [last month] by service_name top 5
What are our three most expensive accounts in the last 30 days? => costs [last 30 days] by sub_account_id top 3
five most expensive instance types last month => costs [last month] by x_instance_type where x_instance_type is not null top 5
Which service costs the most this month? => costs [this month] by service_name top 5
Which account spent the most last month, and how much? => costs [last month] by sub_account_id top 5
Which 2 regions cost the least last month? => costs [last month] by region_id where region_id is not null ascending top 2
Cheapest region last month => costs [last month] by region_id where region_id is not null ascending top 10
bottom 5 services => costs [last 30 days] by service_name ascending top 5
who are the top spenders? => costs [last 30 days] by tag:team top 5
top 10 resources by cost over the last 30 days => costs [last 30 days] by resource_id where resource_id is not null top 10
most expensive S3 buckets => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service & resource_id is not null top 10
the biggest bill item last month => costs [last month] by service_name top 10
I need a list of our ten priciest services for the year so far => costs [this year] by service_name top 10
Which services cost more than $10,000 last month? => costs [last month] by service_name from 10000
everything over 5k last month => costs [last month] by service_name from 5000
services above 1.2M this quarter => costs [this quarter] by service_name from 1200000
Which lambda functions cost more than $100? => costs [last 30 days] by resource_id where service_name = AWS Lambda from 100
accounts costing less than $50 => costs [last 30 days] by sub_account_id ascending
`,
  'over time': `
Daily costs for the past 2 weeks => costs [last 2 weeks] per day
Monthly spend for the last 6 months => costs [last 6 full months] per month
RDS by month, last 3 months => costs [last 3 full months] where service_name = Amazon Relational Database Service per month
weekly costs since October => costs [2025-10-01..2026-01-15] per week
monthly trend for EC2 => costs [since 2025-08-01] where service_name = Amazon Elastic Compute Cloud per month
cost over time for the search team => costs [last 90 days] where tag:team = search per week
show me the trend => costs [last 90 days] per week
spend per environment per month this year => costs [this year] by tag:environment per month
Which day was the most expensive in the last 30 days? => costs [last 30 days] per day top 5
Which day last week was the cheapest? => costs [last week] per day ascending top 5
lowest spend day last week => costs [last week] per day ascending top 5
what was the most we ever spent in a day? => costs [all time] per day top 5
which month did we spend the most => costs [since 2025-08-01] per month top 5
when did we spend the most last year => costs [last year] per month top 5
peak day this quarter for RDS => costs [this quarter] where service_name = Amazon Relational Database Service per day top 5
What is our average daily spend over the last 30 days? => costs [last 30 days]
How much do we spend on average per day on EC2? => costs [last 30 days] where service_name = Amazon Elastic Compute Cloud
any spikes last week? => costs [last week] per day
`,
  change: `
Top 5 services with rising cost last 60 days? => costs [last 60 days] vs [previous period] by service_name ranked by change rising top 5
Which 3 services dropped the most in the last 30 days? => costs [last 30 days] vs [previous period] by service_name ranked by change falling top 3
Which accounts had the biggest month over month increase last month? Top 4 => costs [last month] vs [previous period] by sub_account_id ranked by change rising top 4
give me the five biggest increases among teams compared with the month before => costs [last month] vs [previous period] by tag:team ranked by change rising top 5
fastest growing services => costs [last 30 days] vs [previous period] by service_name ranked by percent change rising
biggest percentage increase by account this quarter => costs [this quarter] vs [previous period] by sub_account_id ranked by percent change rising top 10
Which services grew by more than 20% last month? => costs [last month] vs [previous period] by service_name ranked by percent change rising
what's the delta between this week and last week per service => costs [this week] vs [previous period] by service_name ranked by change
5 biggest movers => costs [last 30 days] vs [previous period] by service_name ranked by change top 5
What went up? => costs [last 30 days] vs [previous period] by service_name ranked by change rising
what got cheaper last month => costs [last month] vs [previous period] by service_name ranked by change falling
which team's costs fell the most => costs [last 30 days] vs [previous period] by tag:team ranked by change falling top 5
How did our EC2 cost change last month compared to the month before? => costs [last month] vs [previous period] where service_name = Amazon Elastic Compute Cloud
Compare the last 7 days with the 7 days before => costs [last 7 days] vs [previous period]
spending this week vs last week => costs [this week] vs [previous period]
how does our spend this quarter stack up against last quarter => costs [this quarter] vs [previous period]
december 2025 compared with december 2024 => costs [December 2025] vs [same period last year]
this month vs same month last year => costs [this month] vs [same period last year]
mom change by account => costs [last month] vs [previous period] by sub_account_id ranked by change
has S3 become more expensive? => costs [last 30 days] vs [previous period] where service_name = Amazon Simple Storage Service
did our costs go up this month? => costs [this month] vs [previous period]
`,
  why: `
Why did our cost change last month? => why [last month]
why did payments spend jump in December? => why [December 2025] where tag:team = payments
What is driving the change in S3 over the last 30 days? => why [last 30 days] by x_usage_type where service_name = Amazon Simple Storage Service
explain the increase in data transfer => why [last 30 days] where x_usage_type ~ DataTransfer|AWS-Out-Bytes
what's behind the S3 growth? => why [last 30 days] by x_usage_type where service_name = Amazon Simple Storage Service
what happened on Nov 12? => why [2025-11-12..2025-11-13]
What changed between October and November? => why [November 2025] vs [previous period]
what drove the cost increase from Q3 to Q4 by service? => why [Q4 2025] vs [previous period] by service_name
Spend is up a lot this week. What is going on, what drove it? => costs [this week] vs [previous period] + why [this week]
what did we spend in November and why => costs [November 2025] + why [November 2025]
What's new this month? => why [this month]
what did we stop paying for? => why [last 30 days]
`,
  shares: `
what percentage of our spend is EC2 => costs [last 30 days] by service_name
What share of the bill goes to databases? => costs [last 30 days] by service_category
percentage of spend that is untagged => costs [last 30 days] by tag:team
what part of our bill is data transfer => costs [last 30 days] where x_usage_type ~ DataTransfer|AWS-Out-Bytes + costs [last 30 days]
share of spend by pricing category => costs [last 30 days] by pricing_category
`,
  'tags and resources': `
show untagged resources => resources untagged=team orderBy=cost
untagged resources in the sandbox account => resources account=410068888889 untagged=team orderBy=cost
untagged spend by service => costs [last 30 days] by service_name where tag:team is null
cost without a team tag last month => costs [last month] where tag:team is null
Which services have no team tag? => costs [last 30 days] by service_name where tag:team is null
resources missing the cost center tag => resources untagged=cost_center orderBy=cost
which instances have no owner? => resources service=Amazon Elastic Compute Cloud type=instance untagged=team orderBy=cost
List the EC2 instances in Ireland => resources service=Amazon Elastic Compute Cloud type=instance region=eu-west-1 orderBy=cost
list all databases in production => resources service=Amazon Relational Database Service type=db tags=[{"key":"environment","value":"production"}] orderBy=cost
show me stopped instances => resources service=Amazon Elastic Compute Cloud type=instance state=stopped orderBy=cost
How many EC2 instances do we have? => resources service=Amazon Elastic Compute Cloud type=instance orderBy=cost
newest resources => resources orderBy=first_seen
show resources of the payments team costing over $200 => costs [last 30 days] by resource_id where tag:team = payments from 200
tell me about i-0a1b2c3d4e5f60718 => resources text=i-0a1b2c3d4e5f60718 orderBy=cost
`,
  'the data itself': `
How fresh is the data? => freshness
when was the data last updated? => freshness
how far back does the data go? => freshness
is today's data in yet? => freshness
do you have data for 2023? => freshness
How many accounts do we have? => describe accounts
which regions are we in? => describe regions
which teams do we have? => describe tags team
what values does the team tag have => describe tags team
list tags => describe tags
what metrics do you have => describe metrics
which columns can I filter by? => describe dimensions
what are effective costs? => describe metrics
what can I ask? => describe overview
good morning penny! => describe overview
`,
  'in other words': `
Which departments are responsible for most of our cloud expenditure? => costs [last 30 days] by tag:cost_center
Provide a detailed cost breakdown for the previous fiscal quarter => costs [last quarter] by service_name
I'm preparing a board deck, what was total spend in Q4? => costs [Q4 2025]
Can you help me figure out how much our staging environment costs us every month? => costs [since 2025-08-01] where tag:environment = staging per month
how expensive is S3 => costs [last 30 days] where service_name = Amazon Simple Storage Service
our top spending regions please => costs [last 30 days] by region_id where region_id is not null top 10
Which services contributed most to our spend in November? => costs [November 2025] by service_name
What were the largest line items on the November invoice? => costs billed_cost [November 2025] by x_usage_type top 10
Show spend by tag team for the last quarter => costs [last quarter] by tag:team
List all services with their cost for last month => costs [last month] by service_name
show all costs => costs [last 30 days]
Rank accounts from most to least expensive => costs [last 30 days] by sub_account_id top 10
What are the least expensive services we use? => costs [last 30 days] by service_name ascending top 10
top 3 teams by spend and their change vs previous month => costs [this month] vs [previous period] by tag:team ranked by change top 3
Please compare costs month by month for 2025 => costs [2025] per month
How has our spend evolved over the past year? => costs [last 1 year] per month
Give me the cost trajectory of EC2 => costs [last 90 days] where service_name = Amazon Elastic Compute Cloud per week
How are our data transfer costs trending? => costs [last 90 days] where x_usage_type ~ DataTransfer|AWS-Out-Bytes per week
What are we being charged for in us-west-2? => costs [last 30 days] by service_name where region_id = us-west-2
What's the split between compute and storage? => costs [last 30 days] by service_category
ratio of prod to dev spend => costs [last 30 days] by tag:environment
How much of our RDS bill comes from production? => costs [last 30 days] where service_name = Amazon Relational Database Service & tag:environment = production|prod
what portion of the payments team's spend is EC2 => costs [last 30 days] by service_name where tag:team = payments
Which team uses the most Bedrock? => costs [last 30 days] by tag:team where service_name = Amazon Bedrock top 5
which account has the biggest S3 bill => costs [last 30 days] by sub_account_id where service_name = Amazon Simple Storage Service top 5
highest EC2 cost by region => costs [last 30 days] by region_id where service_name = Amazon Elastic Compute Cloud & region_id is not null top 10
who is spending the most on lambda => costs [last 30 days] by tag:team where service_name = AWS Lambda top 5
Which environments cost the most in EC2? => costs [last 30 days] by tag:environment where service_name = Amazon Elastic Compute Cloud top 10
Does staging cost more than sandbox? => costs [last 30 days] by tag:environment where tag:environment = staging|sandbox
Which application got more expensive last month? => costs [last month] vs [previous period] by tag:application ranked by change rising
has the checkout app become cheaper since October? => costs [2025-10-01..2026-01-15] vs [previous period] where tag:application = checkout
did RDS costs decrease in December? => costs [December 2025] vs [previous period] where service_name = Amazon Relational Database Service
by how much did S3 go up in December? => costs [December 2025] vs [previous period] where service_name = Amazon Simple Storage Service
how much have costs grown since the beginning of the year => costs [this year] vs [previous period]
what was the percentage change in spend between Q3 and Q4 => costs [Q4 2025] vs [previous period]
growth of EC2 spend quarter over quarter => costs [last quarter] vs [previous period] where service_name = Amazon Elastic Compute Cloud
week on week change in lambda costs => costs [last week] vs [previous period] where service_name = AWS Lambda
compare this quarter with the same quarter last year => costs [this quarter] vs [same period last year]
what was our bill in the first week of December => costs [2025-12-01..2025-12-08]
cost for the first half of November => costs [2025-11-01..2025-11-16]
costs between Dec 24 and Jan 2 => costs [2025-12-24..2026-01-03]
how much did we spend from the 1st to the 10th of January => costs [2026-01-01..2026-01-11]
January 5 to January 12 by service => costs [2026-01-05..2026-01-13] by service_name
from 2025-11-01 until 2025-11-15 by team => costs [2025-11-01..2025-11-16] by tag:team
last 3 months by month by service => costs [last 3 full months] by service_name per month
previous week's cost by service => costs [last week] by service_name
the past ten days => costs [last 10 days]
over the course of last month what did lambda cost => costs [last month] where service_name = AWS Lambda
what did we spend in the last calendar year => costs [last year]
annual spend => costs [last 12 months]
spend in calendar year 2025 => costs [2025]
cost this fiscal year => costs [this year]
the last billing month by account => costs [last month] by sub_account_id
What is the monthly run cost of RDS => costs [since 2025-08-01] where service_name = Amazon Relational Database Service per month
average cost per month of EC2 in 2025 => costs [2025] where service_name = Amazon Elastic Compute Cloud per month
mean daily cost last month => costs [last month]
typical daily spend => costs [last 30 days]
max daily spend in december => costs [December 2025] per day top 5
Highest spending month in 2025 => costs [2025] per month top 5
cheapest day in December => costs [December 2025] per day ascending top 5
On which day did we spend the most on S3 last month? => costs [last month] where service_name = Amazon Simple Storage Service per day top 5
what are my five most costly instances => costs [last 30 days] by resource_id where x_usage_type ~ BoxUsage & service_name = Amazon Elastic Compute Cloud & resource_id is not null top 5
list the most expensive EBS volumes => costs [last 30 days] by resource_id where x_usage_type ~ EBS:Volume & resource_id is not null top 10
what are the most expensive lambda functions this month => costs [this month] by resource_id where service_name = AWS Lambda & resource_id is not null top 10
which RDS database costs the most? => costs [last 30 days] by resource_id where service_name = Amazon Relational Database Service & resource_id is not null top 10
top buckets by cost => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service & resource_id is not null top 10
cost of each bucket => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service
cost per function for Lambda => costs [last 30 days] by resource_id where service_name = AWS Lambda
which resources cost more than $500 in December => costs [December 2025] by resource_id from 500
show me resources above 1k => resources minimumCost=1000 orderBy=cost
all resources in the sandbox account => resources account=410068888889 orderBy=cost
resources tagged team payments => resources tags=[{"key":"team","value":"payments"}] orderBy=cost
which resources belong to the search team => resources tags=[{"key":"team","value":"search"}] orderBy=cost
EC2 instances in production with cost => costs [last 30 days] where service_name = Amazon Elastic Compute Cloud & tag:environment = production|prod
how many lambda functions do we run in us-east-1 => resources service=AWS Lambda type=function region=us-east-1 orderBy=cost
are there any untagged resources? => resources untagged=team orderBy=cost
what fraction of cost is untagged by environment? => costs [last 30 days] by tag:environment
show me cost allocation by cost center => costs [last 30 days] by tag:cost_center
chargeback report by team for December => costs [December 2025] by tag:team
showback by department => costs [last 30 days] by tag:cost_center
Allocate costs to teams => costs [last 30 days] by tag:team
what does team search owe for last month => costs [last month] where tag:team = search
bill for the platform team in November => costs [November 2025] where tag:team = platform
invoice for November => costs billed_cost [November 2025]
taxes paid in 2025 => costs [2025] where charge_category = Tax
support cost as percentage of total => costs [last 30 days] by service_name
how much credit have we used so far => costs [all time] where charge_category = Credit with credits
Refunds since October => costs [2025-10-01..2026-01-15] where charge_category = Adjustment
what did reserved instances cost in Q4 => costs [Q4 2025] where commitment_discount_category = Usage
spend covered by savings plans => costs [last 30 days] by pricing_category where charge_category = Usage
How much usage is on-demand? => costs [last 30 days] where pricing_category = Standard
savings plan vs on demand spend this month => costs [this month] by pricing_category where charge_category = Usage
what are we paying for savings plans that we don't use => costs [last 30 days] by commitment_discount_status where commitment_discount_category = Spend & commitment_discount_status is not null
what discount do we get on EC2 => costs list_cost [last 30 days] where service_name = Amazon Elastic Compute Cloud & charge_category = Usage + costs contracted_cost [last 30 days] where service_name = Amazon Elastic Compute Cloud & charge_category = Usage + costs [last 30 days] where service_name = Amazon Elastic Compute Cloud & charge_category = Usage
RDS list price vs what we actually pay => costs list_cost [last 30 days] where service_name = Amazon Relational Database Service & charge_category = Usage + costs contracted_cost [last 30 days] where service_name = Amazon Relational Database Service & charge_category = Usage + costs [last 30 days] where service_name = Amazon Relational Database Service & charge_category = Usage
unblended vs amortized for EC2 => costs billed_cost [last 30 days] where service_name = Amazon Elastic Compute Cloud + costs [last 30 days] where service_name = Amazon Elastic Compute Cloud
how does billed cost differ from effective cost last month => costs billed_cost [last month] + costs [last month]
gross vs net spend last month => costs [last month] + costs [last month] with credits
`,
  'short and odd': `
all accounts but management => costs [last 30 days] by sub_account_id where sub_account_id != 410000000000
What's our burn this month? => costs [this month]
Which cost center is over 10k? => costs [last 30 days] by tag:cost_center from 10000
what did we pay amazon in Q4 => costs [Q4 2025]
total AWS charges YTD vs last YTD => costs [this year] vs [previous period]
Spend to date by business unit => costs [all time] by tag:cost_center
Cloud costs per product => costs [last 30 days] by service_name
what's the cost of our dev accounts => costs [last 30 days] where sub_account_id = 410030617284
non production accounts spend => costs [last 30 days] where sub_account_id != 410007654321|410015308642
show costs for prod but not for RDS => costs [last 30 days] where tag:environment = production|prod & service_name != Amazon Relational Database Service
RDS and DynamoDB costs for production in us-east-1 in December by month => costs [December 2025] by service_name where service_name = Amazon Relational Database Service|Amazon DynamoDB & tag:environment = production|prod & region_id = us-east-1 per month
How much would EC2 have cost on demand last month? => costs list_cost [last month] where service_name = Amazon Elastic Compute Cloud
how much cheaper are we than list price => costs list_cost [last 30 days] where charge_category = Usage + costs contracted_cost [last 30 days] where charge_category = Usage + costs [last 30 days] where charge_category = Usage
effective savings rate in Q4 => costs list_cost [Q4 2025] where charge_category = Usage + costs contracted_cost [Q4 2025] where charge_category = Usage + costs [Q4 2025] where charge_category = Usage
EC2 compute vs EBS => costs [last 30 days] where service_name = Amazon Elastic Compute Cloud + costs [last 30 days] where x_usage_type ~ EBS:
TimedStorage-ByteHrs cost => costs [last 30 days] where x_usage_type = TimedStorage-ByteHrs
BoxUsage:m5.large => costs [last 30 days] where x_usage_type = BoxUsage:m5.large
cost of NatGateway-Bytes by account => costs [last 30 days] by sub_account_id where x_usage_type = NatGateway-Bytes
API call costs => costs [last 30 days] by x_operation
costs by operation for S3 => costs [last 30 days] by x_operation where service_name = Amazon Simple Storage Service
by usage type for lambda in december => costs [December 2025] by x_usage_type where service_name = AWS Lambda
what usage types make up EC2 => costs [last 30 days] by x_usage_type where service_name = Amazon Elastic Compute Cloud
line items for Route 53 => costs [last 30 days] by x_usage_type where service_name = Amazon Route 53
AWS Config spend => costs [last 30 days] where service_name = AWS Config
config costs => costs [last 30 days] where service_name = AWS Config
backup costs => costs [last 30 days] where service_name = AWS Backup
support => costs [last 30 days] where service_name = AWS Support (Enterprise)
Premium support fees in 2025 => costs [2025] where service_name = AWS Support (Enterprise)
enterprise support => costs [last 30 days] where service_name = AWS Support (Enterprise)
how much do we spend on secrets manager per month => costs [since 2025-08-01] where service_name = AWS Secrets Manager per month
waf spend trend => costs [last 90 days] where service_name = AWS WAF per week
What does monitoring cost? => costs [last 30 days] where service_category = Management and Governance
observability costs => costs [last 30 days] where service_category = Management and Governance
messaging costs => costs [last 30 days] where service_category = Integration
CDN cost => costs [last 30 days] where service_name = Amazon CloudFront
DNS costs => costs [last 30 days] where service_name = Amazon Route 53
egress costs by region => costs [last 30 days] by region_id where x_usage_type ~ DataTransfer|AWS-Out-Bytes
bandwidth costs last month => costs [last month] where x_usage_type ~ DataTransfer|AWS-Out-Bytes
cross-region transfer costs => costs [last 30 days] where x_usage_type ~ AWS-Out-Bytes
cost in us-east-1a => costs [last 30 days] where availability_zone = us-east-1a
us east 1 cost => costs [last 30 days] where region_id = us-east-1
N. Virginia spend => costs [last 30 days] where region_id = us-east-1
spend in North America => costs [last 30 days] where region_id = us-east-1|us-west-2
spend outside of the US => costs [last 30 days] where region_id != us-east-1|us-west-2
APAC costs => costs [last 30 days] where region_id = ap-southeast-2
cost for 410007654321 => costs [last 30 days] where sub_account_id = 410007654321
account id 410007654321 last month => costs [last month] where sub_account_id = 410007654321
show northgate-production and northgate-staging => costs [last 30 days] by sub_account_id where sub_account_id = 410007654321|410022962963
team storefront vs team search => costs [last 30 days] by tag:team where tag:team = storefront|search
storefront team EC2 cost trend => costs [last 90 days] where tag:team = storefront & service_name = Amazon Elastic Compute Cloud per week
What did the platform and security teams spend? => costs [last 30 days] by tag:team where tag:team = platform|security
spend of teams payments, search and storefront by month => costs [since 2025-08-01] by tag:team where tag:team = payments|search|storefront per month
cost per environment for storefront => costs [last 30 days] by tag:environment where tag:team = storefront
show storefront => costs [last 30 days] where tag:team = storefront
storefront costs last week vs the week before => costs [last week] vs [previous period] where tag:team = storefront
show tags => describe tags
costs where team is empty => costs [last 30 days] where tag:team is null
untagged environment costs => costs [last 30 days] where tag:environment is null
cost with tag team => costs [last 30 days] by tag:team
cost of tagged resources => costs [last 30 days] where tag:team is not null
m5 family cost => costs [last 30 days] where x_instance_type ~ m5.
instances by type => costs [last 30 days] by x_instance_type
how many m5.large do we run => costs [last 30 days] by resource_id where x_instance_type = m5.large
compare m5.large and m5.xlarge => costs [last 30 days] by x_instance_type where x_instance_type = m5.large|m5.xlarge
costs > $1000 by service => costs [last 30 days] by service_name from 1000
at least 2 thousand dollars last month by account => costs [last month] by sub_account_id from 2000
top 5 => costs [last 30 days] by service_name top 5
5 most expensive => costs [last 30 days] by service_name top 5
most expensive => costs [last 30 days] by service_name top 10
cheapest => costs [last 30 days] by service_name ascending top 10
biggest increase => costs [last 30 days] vs [previous period] by service_name ranked by change rising top 10
Increase by service => costs [last 30 days] vs [previous period] by service_name ranked by change rising
why => why [last 30 days]
why so expensive? => why [last 30 days]
EC2 => costs [last 30 days] where service_name = Amazon Elastic Compute Cloud
last month => costs [last month]
by service => costs [last 30 days] by service_name
December => costs [December 2025]
costs? => costs [last 30 days]
total => costs [last 30 days]
compare => costs [last 30 days] vs [previous period]
trend => costs [last 90 days] per week
`,
};

const rows = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' => ') as [string, string]);

for (const [topic, table] of Object.entries(TABLES)) {
  describe(`questions about ${topic}`, () => {
    test.each(rows(table))('"%s" is planned as %s', (question, expected) => {
      expect(planText(planQuestion(question, { catalog: ESTATE, now: NOW, resources: [] }))).toBe(expected);
    });
  });
}
