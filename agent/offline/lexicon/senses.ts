import { PhraseTable, spellings } from '../phrases.ts';
import { FILLERS } from './fillers.ts';

/**
 * What the words of a cost question mean, as `kind` or `kind:value`. A line holds phrases apart by `|`; `(a/b)` are choices,
 * `[a]` may be left out. The longest phrase wins, so 'list price' is a metric although 'list' alone asks for a list.
 */
const SENSES: Record<string, string> = {
  cost: `how (expensive/costly/pricey) (is/are/was/were) | charged | charging | owe | owes | owed | cost | costs | costing | costed | spend | spends | spending | spent | spendings | expense | expenses |
    expenditure | expenditures | outlay | bill | bills | billing | charge | charges | pay | pays | paid | paying | payment |
    payments made | fees | fee | costly | money | dollars | euros | burn | burned | burning | consume | consumes |
    consumed | consuming | consumption | bucks | usd | eur | run us | runs us | running us | set us back | sets us back |
    cloud (bill/spend/cost/costs/spending/expenses/budget usage) | spend data | cost data | damage | price tag | kosten | ausgegeben | gekostet | kostet | depense | gastado | gastamos |
    ausgaben | rechnung | depenses | cout | couts | facture | gasto | gastos | costo | costos | coste | costes | factura`,
  'metric:effective_cost': `amortized | amortised | amortized (cost/costs/spend) | effective cost | effective costs |
    effective_cost | effective spend | net amortized | amortization | amortised cost`,
  'metric:billed_cost': `unblended | blended | unblended (cost/costs/spend) | blended (cost/costs) | billed | billed cost |
    billed costs | billed_cost | invoiced | invoiced (amount/cost/costs/total) | invoice (amount/total/cost/costs/value) |
    cash (cost/basis/costs/view) | on (our/the/my) invoice | on (our/the/my) invoices | as invoiced | as billed |
    actually (billed/invoiced/paid/charged) | invoice | cash basis`,
  'metric:list_cost': `list cost | list costs | list_cost | list (price/prices) | [public/aws] list (price/prices/cost/costs) |
    at [public/aws] list [price/prices/rates/pricing] | on demand list [price/prices/cost/costs/rates] | public (price/prices/pricing) | on demand (equivalent/price/prices/rates/pricing) [cost/costs] |
    retail (price/prices/cost/costs) | undiscounted | without [any] discounts | before discounts | full price | sticker price | rack rate`,
  'metric:contracted_cost': `contracted cost | contracted costs | contracted_cost | contracted | negotiated (cost/costs/price/prices/rate/rates) |
    contract (price/prices/rates)`,
  'credits:in': `(after/net of/including/include/with/incl/plus/counting/minus/less/deducting/factoring in/considering/applying) [the/our/all/any/aws] credits |
    credits (included/deducted) | net cost | net costs | net spend | net spending | net of credit | net bill | after credit`,
  'credits:out': `(before/without/excluding/exclude/excl/ignoring/no) [the/our/all/any/aws] credits | gross | gross (cost/costs/spend) |
    credits (excluded/left out/aside)`,
  'charge:Credit': `credits | credit | aws credits | promotional credits | promo credits`,
  'charge:Tax': `tax | taxes | vat | gst | sales tax | steuern`,
  'charge:Adjustment': `refunds | refund | refunded | adjustment | adjustments`,
  'charge:Purchase': `(upfront/up front) (fee/fees/payment/payments/cost/costs/charges) | purchases | commitment purchases | upfront`,
  'charge:Usage': `usage charges | usage charge | usage based charges | usage costs`,
  'class:Correction': `corrections | correction`,
  'pricing:Standard': `on demand | ondemand | pay as you go | payg | on demand (usage/instances)`,
  'pricing:Dynamic': `spot | spot (instances/usage)`,
  'pricing:Committed': `committed | commitments | commitment | commitment discount | commitment discounts | committed (use/usage/spend)`,
  'commitment:Usage': `reserved | reserved (instance/instances/capacity/nodes) | reservation | reservations | ri | ris`,
  'commitment:Spend': `savings plan | savings plans | sp | sps | savingsplan | savingsplans | compute savings (plan/plans)`,
  coverage: `coverage | covered | cover`,
  utilization: `utilized | utilised | utilization | utilisation | unused | wasted | wasting | waste | use`,
  savings: `saved | save | savings | saving | saves`,
  discount: `list (and/vs/versus/to/against) (effective/actual/net/amortized) [cost/costs/price/prices] | (effective/actual/amortized) (and/vs/versus/to/against) list [cost/costs/price/prices] | savings rate | effective savings rate | discount | discounts | discounted | effective discount | discount rate |
    negotiated (discount/discounts/savings) | commitment (discount/discounts) (savings/saving)`,

  'dim:service_name': `service | services | cloud (service/services) | service name | service_name | aws (service/services) | dienst | dienste | dienstleistung | servicio | servicios | things | thing | items | item | stuff`,
  'dim:service_category': `category | categories | service (category/categories/type/types/group/groups/family) | (kind/type/kinds/types) of (service/services) | service_category | product (category/family)`,
  'dim:service_subcategory': `subcategory | subcategories | sub category | sub categories | service_subcategory`,
  'dim:sub_account_id': `account | accounts | [member/linked/sub/child/aws/cloud/usage/individual] (account/accounts) | subaccount | subaccounts | account (id/ids/name/names) | sub_account_id | subscription | subscriptions | konto | konten | compte | comptes | cuenta | cuentas`,
  'dim:billing_account_id': `(payer/billing/management/master) (account/accounts) | payer | payers | billing_account_id | payer ids`,
  'dim:region_id': `region | regions | aws (region/regions) | location | locations | geography | geographies | geo | region_id | regionen | regiones`,
  'dim:availability_zone': `az | azs | availability (zone/zones) | zone | zones | availability_zone`,
  'dim:resource_id': `resource | resources | resource (id/ids/name/names/level) | resource_id | arn | arns | ressource | ressourcen | recurso | recursos`,
  'dim:resource_type': `resource (type/types) | (kind/type/kinds/types) of (resource/resources) | resource_type`,
  'dim:x_instance_type': `(instance/instances) (by/per) type | instance (type/types/size/sizes/class/classes/family/families) | machine (type/types) | node (type/types) | (vm/server) (size/sizes/type/types) | x_instance_type`,
  'dim:x_usage_type': `usage (type/types) | storage (class/classes/tier/tiers/type/types) | x_usage_type | cost (component/components) | usage (component/components) | line (item/items) | component | components`,
  'dim:x_operation': `operation | operations | api (operation/operations/call/calls) | x_operation`,
  'dim:x_charge_type': `line item (type/types) | x_charge_type`,
  'dim:x_service_code': `product (code/codes) | service (code/codes) | x_service_code`,
  'dim:charge_category': `charge (category/categories/type/types) | (kind/type/kinds/types) of (charge/charges/cost/costs/spend) | cost (type/types) | charge_category`,
  'dim:charge_class': `charge (class/classes) | charge_class`,
  'dim:charge_frequency': `charge (frequency/frequencies) | recurring (vs/versus/and/or) one time | frequency | charge_frequency`,
  'dim:charge_description': `description | descriptions | charge (description/descriptions) | charge_description`,
  'dim:pricing_category': `pricing (category/categories/model/models/type/types/option/options/terms) | purchase (option/options/type/types/model/models) | purchasing (option/options/model/models) | pricing_category`,
  'dim:commitment_discount_id': `(each/individual) (savings plan/reservation/commitment) | commitment (id/ids) | commitment_discount_id`,
  'dim:commitment_discount_type': `commitment [discount] (type/types) | (kind/type) of (commitment/discount) | discount (type/types) | commitment_discount_type`,
  'dim:commitment_discount_category': `commitment [discount] (category/categories) | commitment_discount_category`,
  'dim:commitment_discount_status': `commitment [discount] status | commitment_discount_status`,
  'dim:invoice_id': `invoice (id/ids/number/numbers) | each invoice | invoices | invoice_id`,
  'dim:sku_id': `sku | skus | sku (id/ids) | sku_id`,
  'dim:sku_meter': `meter | meters | sku_meter`,
  'dim:publisher_name': `publisher | publishers | vendor | vendors | seller | sellers | supplier | suppliers | publisher_name`,
  'dim:service_provider_name': `provider | providers | (cloud/service) (provider/providers/vendor/vendors/platform/platforms) | clouds | (which/per/each/what/by) cloud | service_provider_name | hyperscaler`,
  'dim:billing_currency': `currency | currencies | billing_currency`,

  'family:team': `team | teams | squad | squads | engineering team | engineering teams | groups | equipe | equipo | equipos`,
  'family:owner': `owner | owners | owned by | person | people | who`,
  'family:environment': `environment | environments | env | envs | stage | stages | deployment stage | umgebung | umgebungen | entorno`,
  'family:application': `app | apps | application | applications | workload | workloads | microservice | microservices | system | systems | component tag`,
  'family:project': `project | projects | initiative | initiatives | projekt | projekte`,
  'family:product': `product | products | product line | product lines`,
  'family:department': `department | departments | dept | depts | business (unit/units) | division | divisions | bu | org | orgs | organization | organizations | abteilung | abteilungen`,
  'family:cost-center': `cost (center/centers/centre/centres) | costcenter | costcenters | cost_center | kostenstelle | kostenstellen | profit (center/centers)`,
  'family:customer': `customer | customers | client | clients | tenant | tenants`,
  'family:resource group': `resource (group/groups)`,
  'family:tag': `tag | tags | label | labels | tag (key/keys) | [cost] allocation (tag/tags) | tag (value/values)`,

  'noun:instance': `instance | instances | (virtual machine/virtual machines) | vm | vms | server | servers | box | boxes | machine | machines | host | hosts`,
  'noun:bucket': `bucket | buckets`,
  'noun:database': `database | databases | db | dbs | (database/db) (instance/instances) | database (instance/instances/cluster/clusters)`,
  'noun:function': `function | functions`,
  'noun:volume': `volume | volumes | ebs (volume/volumes) | disk (volume/volumes) | disk | disks | persistent disks`,
  'noun:snapshot': `snapshot | snapshots | ebs (snapshot/snapshots)`,
  'noun:load balancer': `load (balancer/balancers) | alb | albs | nlb | nlbs | elb | elbs | loadbalancer | loadbalancers`,
  'noun:nat gateway': `nat (gateway/gateways) | nats | natgateway | natgateways | nat`,
  'noun:ip address': `elastic (ip/ips) [address/addresses] | eip | eips | public (ip/ips) [address/addresses] | (ip/ips) (address/addresses) | public ipv4`,

  'unit:day': `daily | per day | by day | each day | every day | day by day | day to day | on a daily basis | a day | (by/per) date | taglich | quotidien | diario`,
  'unit:week': `weekly | per week | by week | each week | every week | week by week | on a weekly basis | a week`,
  'unit:month': `monthly | per month | by month | each month | every month | month by month | on a monthly basis | a month | monatlich | mensuel | mensual`,
  'unit:quarter': `quarterly | per quarter | by quarter | each quarter | every quarter | quarter by quarter | a quarter`,
  'unit:year': `yearly | annual | annually | per year | by year | each year | every year | a year`,
  timeword: `day | days | week | weeks | month | months | quarter | quarters | year | years`,
  trend: `trend | trends | trending | trended | over time | history | historical | historically | timeline | time series | timeseries | evolution | evolve | evolved | evolving |
    trajectory | pattern | patterns | develop | developed | developing | development over time | verlauf | growth curve | line chart | line graph | progression`,
  'extreme:day': `in a [single] day | in one day | in a given day | daily (high/peak/maximum/max/record) | (which/what) day | (which/what) days | (most expensive/highest/costliest/priciest/peak/biggest/busiest/largest/top) [spend/spending/cost] (day/days) | peak day | day with (the/our) (highest/most/biggest/largest) | single day`,
  'extreme:day:asc': `(cheapest/lowest/least expensive/smallest) (day/days) | day with (the/our) (lowest/least/smallest)`,
  'extreme:month': `in a [single] month | in one month | in a given month | monthly (high/peak/maximum/max/record) | (which/what) month | (which/what) months | (most expensive/highest/costliest/priciest/peak/biggest/largest/top) (month/months) | peak month`,
  'extreme:month:asc': `(cheapest/lowest/least expensive/smallest) (month/months)`,
  'extreme:week': `(which/what) week | (which/what) weeks | (most expensive/highest/costliest/priciest/peak/biggest/largest) (week/weeks) | peak week`,

  'rank:descending': `top | biggest | largest | highest | most | most expensive | costliest | priciest | greatest | leading | main | major | heaviest | key | big | expensive | more expensive |
    dominant | number one | primary | largest share | the most | max | maximum | worst | teuerste | teuersten | teurer | mas caro | mas caros | plus cher | plus chers | sort descending | highest first`,
  'rank:ascending': `bottom | smallest | lowest | cheapest | least | least expensive | fewest | min | minimal | tiniest | sort ascending | lowest first | cheaper | the least`,
  'move:rising': `rising | rise | rises | rose | risen | increase | increases | increased | increasing | growing | grow | grows | grew | grown | growth | went up | go up | goes up | going up | gone up | gained |
    jump | jumps | jumped | jumping | spike | spikes | spiked | spiking | surge | surged | surging | climb | climbed | climbing | soar | soared | soaring | ballooned | ballooning | up | doubled | tripled | quadrupled |
    more expensive than | (become/became/becoming/got/gotten/getting/get/turned) (more expensive/pricier/costlier) | shot up | shooting up | crept up | creeping up | exploded | skyrocketed | skyrocketing | escalating | higher than usual | gestiegen | steigen | hike`,
  'move:falling': `falling | fall | falls | fell | fallen | decrease | decreases | decreased | decreasing | dropping | drop | drops | dropped | decline | declines | declined | declining | went down | go down | goes down | going down |
    gone down | shrinking | shrank | shrunk | lower | lowered | reduced | reduction | reductions | dip | dipped | dips | down | plunge | plunged | plummeted | cheaper than | (become/became/becoming/got/gotten/getting/get) (cheaper/less expensive) | came down | coming down | halved | gesunken`,
  'move:any': `change | changes | changed | changing | movers | mover | mover and shaker | moved | move | moving | shift | shifts | shifted | difference | differences | differ | differed | delta | deltas | variance | variation |
    fluctuation | fluctuations | fluctuated | up or down | rising or falling | increase or decrease | increasing or decreasing | growing or shrinking | higher or lower | more or less expensive | volatile | vary | varied | swing | swings | increases (and/or) decreases | more or less`,
  'fastest:rising': `fastest growing | fastest rising | growing fastest | rising fastest | (percentage/percent/relative) (increase/increases/growth/rise/rises) | growth rate | growth rates | rate of (growth/increase) | grew fastest | grown fastest | fastest increase | fastest increases | growth in percent | increase in percent`,
  'fastest:falling': `fastest (falling/shrinking/declining) | (percentage/percent/relative) (decrease/decreases/drop/drops/decline/reduction)`,
  'fastest:any': `fastest | quickest | percent change | percentage change | percent changes | percentage changes | relative change | rate of change`,
  inpercent: `(in/by/as) (percent/percentage/percentages) | in percentage terms | percentage wise | proportionally | relatively`,
  compare: `compare | compares | compared | comparing | comparison | comparisons | vs | versus | against | relative to | side by side | contrast | than | vergleich | vergleiche | comparer | comparar | difference between | differences between`,
  previously: `(previous/prior/preceding) period | before that | (previous/prior/preceding) one`,

  why: `why | how come | (what/whats/what is/what was/what has/what have) [been] (caused/causing/behind/made/making/led/drove/driven/triggered/explains/explain/contributed/causes/pushing/pushed) | cause | causes | caused | causing | caused by |
    reason | reasons | reason for | root cause | root causes | root causing | explain | explanation | what happened | what (changed/moved/shifted/is different/was different) | what has changed | what have changed | whats (changed/different/new) | what did change |
    what (driving/causing/behind/changed/new/different) | whats driving | what is driving | what are driving | what drives | what drove | what s driving | driving (the/this/that/our) (increase/change/growth/spike/rise/jump/difference/drop/decrease/trend) | driver of | drivers of | drivers behind | behind |
    investigate | accounts for the (increase/change/difference/growth) | responsible for (the/this/that) (increase/change/growth/spike/rise/jump/difference/drop) | due to | attributed to | what could (cause/be causing/have caused) | what might (cause/be causing) |
    warum | wieso | pourquoi | por que`,
  drivers: `(contributed/contributes/contribute/contributing) [the] [most/to] | contributors [to] | responsible for [most/the most] | spending [our/the/all/all our/my] money on | driving | drive | drives | drove | driven | [cost] drivers | cost driver | spend drivers | driving [the] most [of] (cost/spend/costs/of the cost) | driving (costs/cost/spend/spending) | driving (our/my/the) (cost/costs/spend/spending/bill) | where (is/does/did) [all] (our/my/the) money (going/go/went) |
    where (are/did/do) (we/i) (spend/spending) [the/our/all] [most/money] | whats (in/on) (my/our/the) bill | where is [all] (our/my/the) (spend/cost/bill) (going/coming from) | spenders | spender | money going | cost contributors | hot spots | hotspots | cost hogs |
    what (driving/making up) (our/my/the/your/all) [aws/cloud/monthly] (spend/bill/cost/costs/spending) | (whats/what is) (driving/making up/in) (our/my/the) (spend/bill/cost/costs/spending) | make up | makes up | making up | contributors | contribute | contributes`,
  list: `list | which | what | find | identify | search [for] | look up | lookup | locate | inventory | show me all`,
  count: `how many | number of | count | count of | total number | wie viele | combien de | cuantos`,
  share: `share | shares | percentage | percent | percentages | proportion | proportions | fraction | ratio | portion | pct | what part | split | pie chart | pie | distribution | mix | makeup | composition | anteil | contribution`,
  average: `average | averages | averaged | avg | mean | on average | typical | typically | durchschnitt | moyenne | promedio`,
  total: `total | totals | overall | altogether | in total | sum | sum of | everything | everything combined | combined | grand total | whole | entire | in all | all in all | insgesamt | all together | gesamt | all up | net total`,
  summary: `walk (me/us) through | understand (my/our/the) [aws/cloud/monthly] (bill/cost/costs/spend/invoice) | break (it/that/this/them/those/these) (down/out/up) | summary | summaries | summarize | summarise | overview | recap | digest | report | breakdown | break down | breaking down | broken down | breakdowns | break it down | drill down | drill | drill into | deep dive | dive | dive into | dig into | digging into |
    details | detail | detailed | in detail | analysis | analyze | analyse | analyzing | examine | review | insight | insights | picture | rundown | run down | look at | aufschlusselung | profile | itemize | itemized`,
  freshness: `how (fresh/recent/current/new/old/up to date/stale) (is/are) [my/our/the/this/your] [cost/billing/bill] data | data freshness | freshness | (last/latest) [data] (refreshed/refresh/updated/update/loaded/load/ingested/ingest/ingestion/import/imported/sync/synced) |
    [data] last (refreshed/updated/loaded/ingested/synced/imported) | up to date | how far does [the/our/my] data (go/reach) | (when/what) [was/did/is] [the/our/my] data [last] (refreshed/updated/loaded/refresh/ingested) | newest data | latest data |
    most recent data | how recent | how current | data (in yet/there yet/in already/available yet/loaded yet) | data (complete/current/fresh/stale) | (refresh/load/ingestion) (date/time/status/history) | what data (is/has been) loaded | which data is loaded | loads | data loads | data through | what period does the data cover |
    (data/billing data) (go/goes/reach/reaches/cover/covers) | how far back | (date range/time range/period/dates) [of the data] [do you/is] (covered/cover) | current billing period | todays date`,
  help: `help | help me out | what can (you/i/penny/we) (do/ask/answer/tell me/help with/help me with) | what (questions/things) can (i/you/we) (ask/answer) | what do you (do/know/offer) | how do you work | what are you able to do | capabilities | examples |
    example questions | sample questions | who are you | what are you | introduce yourself | what should i ask | how can you help [me] | what else can (you/i) (do/ask) | what kind of questions | get started | getting started | how does this work | what is penny | hilfe | aide | ayuda | menu | commands | features | what penny can do`,
  'about:metrics': `metrics | metric | measures | cost (basis/bases/metric/metrics/measure/measures) | (kinds/types) of cost do you (know/have)`,
  'about:dimensions': `dimensions | dimension | columns | fields | attributes | group by options | (what/which/how) can i group by | (what/which/how) can (we/i) (slice/group/filter) [by/on]`,
  'state:stopped': `stopped | shut down | turned off | switched off | powered off`,
  'state:running': `(running/active) (instances/instance/machines/servers/databases)`,
  'state:terminated': `terminated`,
  new: `newest | got added | added | just started | stop paying for | stopped paying for | disappeared | went away | no longer (pay/paying/charged/there) | new | newly | appeared | first seen | newly created | just created`,
  exists: `(do/did) (we/i/you) (have/use/own/run/operate/see/know/offer/support) | (have/has) (we/i) got | are there | is there | exist | exists | available | in use | (we/i) (have/use/own) | are we using | are used | are active | connected | active | running | currently running | are we in | do we run in | are we running | supported | defined | used`,
  neg: `everything but | all but | anything but | everything except | remove | take out | leave out | hide | strip out | missing | lacking | lacks | lack | excluding | exclude | excludes | excluded | except | except for | without | other than | apart from | aside from | not including | but not | minus | ignoring | ignore | leaving out | leave out | excl | ex | besides | outside | outside of | not counting |
    non | not | no | disregarding | omit | omitting | filter out | filtering out | take out | net of | less | with the exception of | dont include | do not include | not in | ohne | sans | sin | bar`,
  incl: `including | include | includes | incl | inclusive of | also include`,
  untagged: `untagged | not tagged | (missing/without/lacking/no/lack/lacks/miss/misses) [a/an/any/the/cost/cost allocation/allocation/required/proper] (tag/tags/label/labels) | have no tags | has no tags | with no (tag/tags) | unallocated | unlabeled | unlabelled | (are/is) missing tags | need tagging | tag gaps`,
  tagged: `tagged | tagged with | with [the] tag | labeled | labelled | labeled with`,
  tagcoverage: `(tag/tagging) (coverage/quality/compliance/hygiene/health/completeness/gaps) | how well (are/is) (we/our resources/everything) tagged | how well tagged | tagging`,
  only: `only | just | solely | purely | exclusively | alone | nur`,
  also: `also | as well | too | and also | in addition | additionally | plus | on top of that | as well as`,
  unitemized: `unattributed`,
  csv: `csv | excel | spreadsheet`,
  weekday: `[by/per] (day/days) of [the] week | [by/per] weekday | weekdays | (business/working) days | [by/per] hour of [the] day`,
  isempty: `is (empty/null/missing/blank/unset/not set) | (empty/blank/unset)`,
  usage: `usage | using | quantity | quantities`,
};

/** What the words of a question mean, and which carry no meaning of their own ('fill'). */
export const senses: PhraseTable<string> = buildSenses(FILLERS);

function buildSenses(fillers: string): PhraseTable<string> {
  const table = new PhraseTable<string>();
  for (const [sense, line] of Object.entries(SENSES)) {
    for (const pattern of line.split('|')) for (const phrase of spellings(pattern)) table.add(phrase, sense);
  }
  for (const filler of fillers.split(/[|\n]/)) for (const phrase of spellings(filler)) table.add(phrase, 'fill');
  return table;
}
