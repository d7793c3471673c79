/** What Penny is asked and cannot answer from the bill, with what to say and what can be asked instead. */
export interface Topic {
  reason: string;
  pattern: RegExp;
  /** Where this matches too, the question is about something else after all. */
  unless?: RegExp;
  text: string;
  /** Questions that can be asked instead; `{of}` is ' of Amazon S3' where the question named one, `{subject}` its name. */
  suggestions: string[];
  /** Never answer another part of the same question, not even the harmless one. */
  absolute?: boolean;
}

const TOP = 'What are the top 5 services by cost last month?';
const CHANGED = 'What changed in the cost{of} in the last 30 days?';
const TOTAL = 'What is the cost{of} so far this month?';
const BY_TEAM = 'What did each team spend last month?';

export const TOPICS: Topic[] = [
  {
    reason: 'injection',
    absolute: true,
    pattern:
      /\b(ignore|disregard|forget|override|bypass)\b.{0,30}\b(instructions?|prompts?|rules?|guidelines|restrictions?|permissions?|polic(y|ies)|previous|above|limits?)\b|\bsystem prompt\b|\b(reveal|print|show|repeat|output|leak)\b.{0,20}\b(your|the) (prompt|instructions|rules|configuration|system message)\b|\b(as|acting as|i am|im|i'm) (an? |the )?(admin|administrator|root|superuser|owner of the system)\b|\byou are now\b|\b(developer|debug|god|admin) mode\b|\bjailbreak|\bpretend (to be|you)|\bact as\b|\bact like (an?|the)\b|\bsudo\b|<\/?(system|assistant|tool)>|\bnew instructions?\b|\b(without|skip|no) (any )?(approval|permission checks?|guardrails)\b/i,
    text: 'I answer questions about the cloud bill with what you may see, and my rules cannot be changed from the chat.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'secrets',
    absolute: true,
    pattern:
      /\b(api|access|secret|private) keys?\b(?!.*\bkms\b)|\bcredentials?\b|\bpasswords?\b|\bsecrets? (stored|in the vault)\b|\bvault\b|\bconnection string\b|\benvironment variables?\b/i,
    unless: /\bsecrets manager\b.*\b(cost|spend|bill)/i,
    text: 'I hold no keys, passwords or other credentials, and could not show any: I only read the cloud bill.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'show query',
    pattern:
      /\b(show|give|get|send)\b.{0,30}\b(sql|quer(y|ies)|link)\b|\blink to\b|\bpermalink\b|\bwhat (sql|query)\b|\bquery you ran\b/i,
    unless: /\bathena\b|\b(drop|delete|insert|update|truncate|alter|select)\s+\S+/i,
    text: 'The query behind an answer is in its receipt, under "What ran": the SQL, the period and the rows. I cannot make a link to it.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'sql',
    absolute: true,
    pattern:
      /\b(drop|truncate|alter)\s+(table|database|schema|view|index)\b|\bdelete\s+from\b|\binsert\s+into\b|\bupdate\s+\w+\s+set\b|\bselect\b.{1,200}\bfrom\s+\w+|\bcreate\s+(table|role|user|function)\b|\bgrant\s+\w+\s+(on|to)\b|\bunion\s+(all\s+)?select\b|;\s*--|\brun (this|the following|a|my) (sql|query)\b|\bexecute (this|the following)\b/i,
    text: 'I do not run SQL from the chat. I ask the bill my own checked queries, and each answer shows what ran.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'changes to be made',
    pattern:
      /\b(cdk|terraform|cloudformation (template|stack)|pulumi|infracost|pull request|merge request|this (branch|pr|plan|stack|template|deployment|change)|my changes|deployment\.\w+|estimate (the )?cost of|helm|\.\/\w+)\b/i,
    unless: /\bcloudformation\b.*\b(spend|costs? last|costs? this)\b/i,
    text: 'I cannot read code or plans, so I cannot price a change before it is made: I know what has been billed.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'kubernetes',
    pattern:
      /\b(kubernetes|k8s|namespaces?|pods?|deployments?|daemonsets?|opencost|kubecost|clusters?|nodes? groups?|nodepools?|karpenter|containers? (cost|requests?|efficiency))\b/i,
    unless:
      /\b(eks|ecs|emr|redshift|aurora|rds|elasticache|msk|opensearch|documentdb)\b.{0,25}\b(cost|spend|bill|charge|paid|pay|cluster)|\bcluster\b.{0,15}\b(eks|ecs|emr|redshift|aurora|rds)\b|\bkubernetes service\b/i,
    text: 'I cannot see inside Kubernetes clusters: the bill knows the machines and the cluster fee, not namespaces or pods.',
    suggestions: ['What did EKS cost last month?', 'What did EC2 cost last month by account?'],
  },
  {
    reason: 'usage metrics',
    pattern:
      /\b(cpu|memory|ram|disk (usage|space)|iops|throughput|latency|response times?|error rates?|network (in|out)|connections|cache hits?|caching|no traffic|traffic volume|qps|rps|request counts?|requests per|concurrency|performance metrics|uptime|downtime|availability (of|metrics)|health checks?)\b/i,
    unless: /\b(traffic|throughput|iops|request)\b.{0,20}\b(cost|costs|spend|charges?|paying|pay)\b/i,
    text: 'I cannot see how busy resources are: I know what they cost.',
    suggestions: ['What are the 10 most expensive resources{of}?', 'What does {subject} cost by usage type?'],
  },
  {
    reason: 'prices',
    pattern:
      /\bpric(e|es|ing) (of|for|between|list|page|calculator|per)\b|\b(compare|what is|whats|show|get) (the )?(pricing|prices?)\b|\bhow much (is|are|does|would|do) (an?|one)\b(?! (month|day|week))|\b(per|an) hour\b|\bhourly (rate|price|cost) (of|for)\b|\bis it (cheaper|more expensive|pricier)|cheap(er|est) (to run|than running)\b|\bpricing\b(?! (model|category|categories|type|option))/i,
    unless:
      /\b(list pric\w+|on[- ]demand pric\w+)\b.{0,40}\b(actual|effective|our|we|discount|compare)|\b(our|actual|effective|we|discount)\b.{0,60}\b(list pric\w+|on[- ]demand pric\w+)/i,
    text: 'I do not look up price lists: I know what was billed. I can say what something cost here.',
    suggestions: ['What did {subject} cost last month?', 'What did EC2 cost by instance type last month?'],
  },
  {
    reason: 'carbon',
    pattern: /\b(carbon|co2|emissions?|sustainab\w+|greenhouse|footprint of)\b/i,
    text: 'I know nothing about emissions: I only see the bill.',
    suggestions: [TOP, 'What did each region cost last month?'],
  },
  {
    reason: 'unit cost',
    pattern:
      /\b(unit (cost|costs|economics)|gross margins?|margins?|cogs|revenue|mrr|arr|mau|dau|active users|per (user|request|transaction|order|api call|token|1k|1000|thousand|million|seat|tenant|customer|gb|query|message)|cost (of|per) (an? )?(user|request|transaction|order|token)|investors?|business metrics?|business fields?|growth of the business|given our growth)\b/i,
    text: 'I do not know customers, requests or revenue, so I cannot compute a cost per unit. I can break cost down by what the bill knows.',
    suggestions: [BY_TEAM, TOP],
  },
  {
    reason: 'tokens',
    pattern: /\b(tokens?|prompt caching)\b/i,
    text: 'I do not count tokens or see prompts: I know what the AI services cost.',
    suggestions: ['What did AI services cost last month?', 'What did Bedrock cost by usage type last month?'],
  },
  {
    reason: 'free tier',
    pattern: /\bfree tier\b|\bfree usage\b/i,
    text: 'I do not see what is left of the free tier: I know what was charged.',
    suggestions: [TOP, TOTAL],
  },
  {
    reason: 'other products',
    pattern:
      /\b(dashboards?|pinned?|unpin|pins|widgets?|cards?|scheduled reports?|reports? (are )?scheduled|(cost|shared|saved) reports|tableau|power ?bi|looker|notion|jira|linear|servicenow|pagerduty|zapier|n8n|webhook\w*|connectors?|integrations?|plan am i on|my plan|subscription plan|access levels?|team members?|log ?in|login|sign in|user list|users|alerts?|alert thresholds?|thresholds|notifications?|tickets?|issues|tasks?|slack channel|teams channel|email me|mrr|settings?|onboard\w*|sample data|demo data|connected|billing contact|invoice pdf|pdf|csv|excel|spreadsheets?|markdown|export)\b/i,
    unless: /\b(cost|spend|billing) (data )?export\b/i,
    text: 'I answer questions about the cloud bill here in the chat; dashboards, exports, alerts, tickets and settings are not mine to see or change.',
    suggestions: [TOTAL, TOP],
  },
  {
    reason: 'advice',
    pattern:
      /\bhow (do|can|could|should|would) (i|we|you|one) (?!(see|view|get|find|know|check|compare|break|group|filter|list|show|look|spend|use)\b)|\bhow to (?!(see|view|get|find|check)\b)|\b(is it|is this|are we) (worth|healthy|good|normal|ok|okay|reasonable)\b|\bhealthy\b|\bbenchmark\w*|\bindustry\b|\bcompetitors?\b|\bother companies\b|\bpeers?\b|\bdo i need\b|\bduplicate\b|\bredundant\b|\bwhy am i seeing\b|\bexplain how\b|\bwhat does (?!amorti[sz]ed|effective|billed|unblended|list cost|contracted).{1,40} mean\b|\bdefinition of\b/i,
    text: 'I can say what the bill shows, not give advice or compare with others.',
    suggestions: [TOP, CHANGED, BY_TEAM],
  },
  {
    reason: 'small talk',
    pattern:
      /\b(weather|jokes?|poems?|songs?|stor(y|ies)|recipes?|capital of|president|football|who won|meaning of life|how are you|your name|your favou?rite|translate this|write (me )?(a|an|some)|sing|news|stock price|love you|marry)\b/i,
    text: 'I am only good at one thing: questions about the cloud bill.',
    suggestions: [TOTAL, TOP, CHANGED],
  },
];

/** Verbs that would change something, where they stand as the order of a sentence. */
const ACTIONS =
  'stop|start|delete|terminate|resize|rightsize|right-size|downsize|upsize|buy|purchase|reserve|create|set|open|file|pin|unpin|mute|unmute|dismiss|snooze|approve|reject|apply|execute|rerun|re-run|send|push|publish|share|email|post|schedule|unschedule|cancel|remove|connect|disconnect|sync|import|update|upload|patch|deploy|redeploy|scale|shut|turn|disable|enable|tag|untag|mark|alert|notify|remind|ping|subscribe|unsubscribe|assign|rename|refresh|install|upgrade|downgrade|move|migrate|convert|kill|reboot|restart|detach|attach|release|provision|modify|edit|change my|change the|switch|draft|book|pay|grant|revoke|invite|add|save|store|remember|log|launch|drop|purge|wipe|destroy|decommission|rotate|block|allow|whitelist|drain|archive|undo|revert|rollback|commit|merge|escalate|raise|submit|register|reset';
const ORDER = new RegExp(
  `^(?:(?:hey|hi|hello|ok|okay|please|pls|penny|now|just|then|and|so|also|go ahead and|lets|let's|let us|i want you to|i need you to|i'd like you to|can you|could you|would you|will you|you should|you must|we should|help me|try to|want to)[\\s,]+)*(?:please\\s+|just\\s+|go ahead and\\s+)*(?:${ACTIONS})\\b`,
  'i',
);
const THEN =
  /(?:\b(?:and|then|and then|,)\s+(?:please\s+|also\s+)?)(?:stop|delete|terminate|resize|rightsize|downsize|buy|purchase|kill|shut|turn off|remove|destroy|reboot|cancel|send|email|post|open a|create a|approve|apply|migrate|upgrade|schedule)\s+(?:it|them|those|these|all|the|that|this|any|a|an|me|us|to)\b/i;

/** 'create a breakdown' and 'set the period to March' ask to be shown something. */
const SHOWS =
  /\b(create|generate|draft|prepare|share|send|open|start|add|set|change|move|switch)\b.{0,30}\b(breakdown|summary|report|overview|analysis|comparison|chart|graph|table|period|range|trend|list of|tax|support|by|with me|with us)\b/i;
const STILL_ACTS =
  /\b(budget|ticket|alert|email|slack|teams|channel|jira|notion|pr|dashboard|weekly|daily report|schedule)\b/i;

export const ACTION: Topic = {
  reason: 'action',
  pattern: ORDER,
  text: 'I change nothing by myself. Ask what could be saved first; then I propose what you choose, and somebody else approves it.',
  suggestions: ['How can we save money?', TOTAL],
  absolute: true,
};

/** Whether a sentence orders something done rather than shown. */
export function isOrder(text: string): boolean {
  const sentence = text.trim().replace(/^[^\p{L}]+/u, '');
  if (THEN.test(sentence)) return true;
  if (!ORDER.test(sentence)) return false;
  return !SHOWS.test(sentence) || STILL_ACTS.test(sentence);
}

/** The first topic a text falls under that Penny has no answer to; names of the estate are blanked out of it before. */
export function topicOf(text: string): Topic | null {
  if (isOrder(text)) return ACTION;
  return TOPICS.find((topic) => topic.pattern.test(text) && !topic.unless?.test(text)) ?? null;
}
