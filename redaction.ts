/** What stands where a secret stood. */
const CENSOR = '[redacted]';

/**
 * Returns `text` without the secrets in it: keys, tokens, passwords, cookies, private keys, and the very values of the secrets
 * in use (`keepSecrets`). What is no secret stays to the letter: ids, ARNs, hashes, numbers, names. Doing it twice changes
 * nothing more. docs/secrets.md lists what is recognised.
 */
export function redact(text: string): string {
  let clean = known === undefined ? text : text.replace(known, CENSOR);
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement as string);
  return clean;
}

/**
 * Returns `value` with every text in it redacted, at any depth, and what stands under the name of a secret (`{password: ...}`).
 * Plain objects and arrays are copied where something changes; whatever else an object may be is handed on as it is.
 */
export function redacted<Value>(value: Value): Value {
  return redactAny(value) as Value;
}

/**
 * Remembers the values of the secrets in use, so that `redact` finds them wherever they turn up; they take the place of those that
 * the same `source` gave before. Short values are left out: they are words.
 */
export function keepSecrets(source: string, values: string[]): void {
  const kept = values.filter((value) => value.length >= 8 && !/^[a-z]{1,15}$/.test(value));
  inUse.set(
    source,
    kept.flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]),
  );
  const longestFirst = [...new Set([...inUse.values()].flat())].sort((one, other) => other.length - one.length);
  const pattern = longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
  known = pattern === '' ? undefined : new RegExp(pattern, 'g');
}

const inUse = new Map<string, string[]>();
let known: RegExp | undefined;

/** Names under which any value is a secret, and names that also have another meaning: those want a value that looks like one. */
const ALWAYS =
  'pass(?:word|wd|phrase)|pwd|(?:api|access|account|private)[_-]?key|secret[_-]?access[_-]?key|secret[_-]?id|client[_-]?secret';
const SOMETIMES = 'secret|token';

const NAME_OF_SECRET = new RegExp(`(?:${ALWAYS}|authorization|cookie)$`, 'i');
const MAYBE_SECRET = new RegExp(`(?:${SOMETIMES})$`, 'i');

function redactAny(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return isSecretUnder(name, value) ? CENSOR : redact(value);
  if (Array.isArray(value)) {
    const changed = value.map((item) => redactAny(item, name));
    return changed.some((item, index) => item !== value[index]) ? changed : value;
  }
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([key, item]): [string, unknown] => [redact(key), redactAny(item, key)]);
  const isSame = changed.every(([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1]);
  return isSame ? value : Object.fromEntries(changed);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Words that say that there is no secret, or where it comes from. */
const NO_SECRET =
  /^(?:|true|false|null|none|undefined|unset|missing|\[redacted\]|[*.]+|\w{0,12}\.{3}|\$\{?\w+\}?|<[\w -]+>)$/i;

/** `TOKEN` in documentation; undefined groups come as ''. */
function isPlaceholder(value: string): boolean {
  return value !== '' && (NO_SECRET.test(value) || /^[A-Z]{1,12}$/.test(value));
}

function isSecretUnder(name: string, value: string): boolean {
  if (NO_SECRET.test(value)) return false;
  if (NAME_OF_SECRET.test(name)) return true;
  return (
    MAYBE_SECRET.test(name) && (value.length >= 20 || (value.length >= 8 && /\d/.test(value) && /[a-z]/i.test(value)))
  );
}

/** Changes between capital, small letter, digit and sign, one after the other: many in what was drawn, few in what was named. */
function changes(text: string): number {
  return text.match(/[A-Z]+|[a-z]+|\d+|[^A-Za-z\d]+/g)?.length ?? 0;
}

const has =
  (...classes: RegExp[]) =>
  (text: string) =>
    classes.every((one) => one.test(text));
const isMixed = has(/[A-Z]/, /[a-z]/, /\d/);

/** Keys of language models: `sk-` and drawn characters. A name such as `sk-learn-training-pipeline-2026` is none. */
function looksLikeModelKey(text: string): boolean {
  const body = text.slice('sk-'.length);
  const longest = Math.max(...body.split(/[-_]/).map((part) => part.length));
  const isDrawn = /[A-Z]/.test(body) && /[a-z]/.test(body) && changes(body) > body.length / 3;
  return (longest >= 16 && /\d/.test(body)) || isDrawn;
}

function holdsBasicLogin(encoded: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(encoded, 'base64').toString('latin1'));
}

type Rule = [pattern: RegExp, replacement: string | ((match: string, ...groups: string[]) => string)];

/** Replaces a match that `isSecret` by the censor. */
const only = (isSecret: (match: string) => boolean) => (match: string) => (isSecret(match) ? CENSOR : match);

const VALUE = String.raw`\[redacted\]|"[^"]*"|'[^']*'|\\"[^"\\]*\\"|[^\s"'&;,)}\]<>\\]+`;
const IS = String.raw`\\?["']?\s{0,2}(?::|=>?)\s{0,2}`;

/** In order: whole blocks and lines, what its own form gives away, and last what a name in front gives away. */
const RULES: Rule[] = [
  [/-----BEGIN ((?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----[^"']*?(?:-----END \1-----|(?=["'])|$)/g, CENSOR],
  [new RegExp(`((?:set-)?cookie${IS}\\[?\\s?["']?)(?=[^\\s"'=;]{1,100}=)[^"'\\r\\n]+`, 'gi'), `$1${CENSOR}`],
  [
    new RegExp(`(authorization${IS}\\\\?["']?)(AWS4-[^"'\\r\\n]+|(?:[a-z]+ +)?([^\\s"',\\\\\`]+))`, 'gi'),
    (match, name = '', _login = '', value = '') => (isPlaceholder(value) ? match : `${name}${CENSOR}`),
  ],
  // A password in the address of a database may hold what would end one elsewhere.
  [
    /(?<=\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|clickhouse|mssql)):\/\/([^\s"'<>:@/]{0,100}):[^\s"'<>]{0,300}@/g,
    `://$1:${CENSOR}@`,
  ],
  [/:\/\/([^\s"'<>:@/]{0,100}):[^\s"'<>@/]{1,300}@/g, `://$1:${CENSOR}@`],
  [/([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|AWSAccessKeyId|signature|sig)=)[^&\s"']+/gi, `$1${CENSOR}`],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g, `$1${CENSOR}`],
  [/(webhook\.office\.com\/|\.logic\.azure\.com(?::\d+)?\/)[^\s"'<>)]+/g, `$1${CENSOR}`],

  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}/g, CENSOR],
  [/\bxox[abeoprs](?:\.xox[bp])?-(?=[\w-]{0,40}\d)[\w-]{10,}/g, CENSOR],
  [/\bxapp-\d-[\w-]{10,}/g, CENSOR],
  [/\bsk-[\w-]{18,}/g, only(looksLikeModelKey)],
  [/\bhv[sbr]\.[\w-]{16,}/g, CENSOR],
  [/\b[sbr]\.[A-Za-z\d]{24}\b/g, only(isMixed)],
  [/\bpenny_[\w-]{40,}/g, only(has(/[A-Z]/))],
  [/\b(?:gh[pousr]_[A-Za-z\d]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|npm_[A-Za-z\d]{36}|AIza[\w-]{35})/g, CENSOR],
  [/\b(?:AKIA|ASIA)[A-Z\d]{16}\b/g, CENSOR],
  // A secret access key of AWS has no mark of its own: 40 drawn characters. A git commit of 40 has no capitals.
  [/(?<![\w+/])[A-Za-z\d+/]{40}(?![\w+/=])/g, only((text) => isMixed(text) && changes(text) >= 12)],
  [/\bBearer +[\w.~+/=-]{12,}/gi, (match) => (/\d/.test(match) || match.length > 32 ? `Bearer ${CENSOR}` : match)],
  [
    /\bBasic +[A-Za-z\d+/]{8,}={0,2}/gi,
    (match) => (holdsBasicLogin(match.replace(/^basic +/i, '')) ? `Basic ${CENSOR}` : match),
  ],

  [
    // Not behind a colon: `arn:aws:secretsmanager:...:secret:name`.
    new RegExp(`(?<!:)((?:${ALWAYS}|${SOMETIMES}))(${IS})(${VALUE})`, 'gi'),
    (match, name = '', is = '', value = '') => {
      const [, quote = '', bare = ''] = /^(\\?["']?)([\s\S]*?)\1$/.exec(value) ?? [];
      return isSecretUnder(name, bare) ? `${name}${is}${quote}${CENSOR}${quote}` : match;
    },
  ],
  // "The password is hunter2" gives one away, "the password is wrong" does not.
  [/\b(pass(?:word|wd|phrase) (?:is|was) )(?=[^\s"']*\d)[^\s"']+/gi, `$1${CENSOR}`],
];
