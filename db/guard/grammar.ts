import type * as Pg from 'libpg-query';
import type { GuardCode } from './codes.ts';

type KeyOf<One> = One extends One ? keyof One : never;
/** The names of all nodes that the parser knows. */
type Tag = KeyOf<Pg.Node>;
type NodeOf<Name extends Tag> = Extract<Pg.Node, Record<Name, unknown>>[Name];

/**
 * What a field of a node holds: a `value` that is no node, the text or number of a `literal`, a `node` with its name around
 * it, `nodes`, or, in the fields where the tree leaves the name out, the name of the node.
 */
export type FieldKind =
  | 'value'
  | 'literal'
  | 'node'
  | 'nodes'
  | 'WithClause'
  | 'SelectStmt'
  | 'WindowDef'
  | 'TypeName'
  | 'Alias';

/**
 * The SQL there is for a statement: the nodes it may hold and their fields. The walker refuses a node or a field that is
 * not here, so a new version of the grammar brings nothing in by itself, and no field is passed over unseen.
 */
export const GRAMMAR = {
  SelectStmt: {
    distinctClause: 'nodes',
    targetList: 'nodes',
    fromClause: 'nodes',
    whereClause: 'node',
    groupClause: 'nodes',
    groupDistinct: 'value',
    havingClause: 'node',
    windowClause: 'nodes',
    valuesLists: 'nodes',
    sortClause: 'nodes',
    limitOffset: 'node',
    limitCount: 'node',
    limitOption: 'value',
    withClause: 'WithClause',
    op: 'value',
    all: 'value',
    larg: 'SelectStmt',
    rarg: 'SelectStmt',
  },
  WithClause: { ctes: 'nodes', location: 'value' },
  CommonTableExpr: {
    ctename: 'value',
    aliascolnames: 'nodes',
    ctematerialized: 'value',
    ctequery: 'node',
    location: 'value',
  },
  ResTarget: { name: 'value', val: 'node', location: 'value' },
  RangeVar: {
    schemaname: 'value',
    relname: 'value',
    inh: 'value',
    relpersistence: 'value',
    alias: 'Alias',
    location: 'value',
  },
  RangeSubselect: { lateral: 'value', subquery: 'node', alias: 'Alias' },
  RangeFunction: { lateral: 'value', ordinality: 'value', functions: 'nodes', alias: 'Alias' },
  JoinExpr: {
    jointype: 'value',
    isNatural: 'value',
    larg: 'node',
    rarg: 'node',
    usingClause: 'nodes',
    quals: 'node',
    alias: 'Alias',
    rtindex: 'value',
  },
  Alias: { aliasname: 'value', colnames: 'nodes' },
  ColumnRef: { fields: 'nodes', location: 'value' },
  A_Star: {},
  A_Const: {
    ival: 'literal',
    fval: 'literal',
    boolval: 'literal',
    sval: 'literal',
    isnull: 'value',
    location: 'value',
  },
  String: { sval: 'value' },
  Integer: { ival: 'value' },
  List: { items: 'nodes' },
  A_Expr: {
    kind: 'value',
    name: 'nodes',
    lexpr: 'node',
    rexpr: 'node',
    rexpr_list_start: 'value',
    rexpr_list_end: 'value',
    location: 'value',
  },
  BoolExpr: { boolop: 'value', args: 'nodes', location: 'value' },
  NullTest: { arg: 'node', nulltesttype: 'value', argisrow: 'value', location: 'value' },
  BooleanTest: { arg: 'node', booltesttype: 'value', location: 'value' },
  CaseExpr: { arg: 'node', args: 'nodes', defresult: 'node', location: 'value' },
  CaseWhen: { expr: 'node', result: 'node', location: 'value' },
  CoalesceExpr: { args: 'nodes', location: 'value' },
  MinMaxExpr: { op: 'value', args: 'nodes', location: 'value' },
  FuncCall: {
    funcname: 'nodes',
    args: 'nodes',
    agg_order: 'nodes',
    agg_filter: 'node',
    over: 'WindowDef',
    agg_within_group: 'value',
    agg_star: 'value',
    agg_distinct: 'value',
    funcformat: 'value',
    location: 'value',
  },
  NamedArgExpr: { arg: 'node', name: 'value', argnumber: 'value', location: 'value' },
  WindowDef: {
    name: 'value',
    refname: 'value',
    partitionClause: 'nodes',
    orderClause: 'nodes',
    frameOptions: 'value',
    startOffset: 'node',
    endOffset: 'node',
    location: 'value',
  },
  SortBy: { node: 'node', sortby_dir: 'value', sortby_nulls: 'value', location: 'value' },
  GroupingSet: { kind: 'value', content: 'nodes', location: 'value' },
  GroupingFunc: { args: 'nodes', location: 'value' },
  TypeCast: { arg: 'node', typeName: 'TypeName', location: 'value' },
  TypeName: { names: 'nodes', typmods: 'nodes', typemod: 'value', arrayBounds: 'nodes', location: 'value' },
  SubLink: { subLinkType: 'value', testexpr: 'node', operName: 'nodes', subselect: 'node', location: 'value' },
  A_ArrayExpr: { elements: 'nodes', list_start: 'value', list_end: 'value', location: 'value' },
  RowExpr: { args: 'nodes', row_format: 'value', location: 'value' },
  A_Indirection: { arg: 'node', indirection: 'nodes' },
  A_Indices: { is_slice: 'value', lidx: 'node', uidx: 'node' },
  CollateClause: { arg: 'node', collname: 'nodes', location: 'value' },
  SQLValueFunction: { op: 'value', typmod: 'value', location: 'value' },
} as const satisfies { [Name in Tag]?: { [Field in keyof Required<NodeOf<Name>>]?: FieldKind } };

export type NodeName = keyof typeof GRAMMAR;

interface Why {
  code: GuardCode;
  reason: string;
  hint?: string;
}

const construct = (reason: string, hint?: string): Why => ({
  code: 'construct_not_allowed',
  reason,
  ...(hint === undefined ? {} : { hint }),
});

const READ_JSON = "Read jsonb with ->, ->>, @> and ?, for example tags ->> 'team'.";

/** What to say of nodes that are not in the grammar; `*Stmt` nodes are told by their first word in statements.ts. */
export const NODE_REFUSALS: Readonly<Record<string, Why>> = {
  ParamRef: construct('A parameter such as $1 has no value here.', 'Write the value as a constant.'),
  RangeTableSample: construct('TABLESAMPLE is not taken.', 'Read all rows, or filter them.'),
  RangeTableFunc: construct('XMLTABLE is not taken.'),
  JsonTable: construct('JSON_TABLE is not taken.', READ_JSON),
  JsonFuncExpr: construct('JSON_VALUE, JSON_QUERY and JSON_EXISTS are not taken.', READ_JSON),
  JsonIsPredicate: construct('IS JSON is not taken.', READ_JSON),
  JsonObjectConstructor: construct('JSON_OBJECT is not taken.', 'Write jsonb_build_object(key, value).'),
  JsonArrayConstructor: construct('JSON_ARRAY is not taken.', 'Write jsonb_build_array(value, ...).'),
  JsonArrayQueryConstructor: construct('JSON_ARRAY is not taken.', 'Write jsonb_agg(value).'),
  JsonObjectAgg: construct('JSON_OBJECTAGG is not taken.', 'Write jsonb_object_agg(key, value).'),
  JsonArrayAgg: construct('JSON_ARRAYAGG is not taken.', 'Write jsonb_agg(value).'),
  JsonParseExpr: construct('JSON() is not taken.', READ_JSON),
  JsonScalarExpr: construct('JSON_SCALAR is not taken.', 'Write to_jsonb(value).'),
  JsonSerializeExpr: construct('JSON_SERIALIZE is not taken.', 'Write value::text.'),
  XmlExpr: construct('XML is not taken.'),
  XmlSerialize: construct('XML is not taken.'),
  SetToDefault: construct('DEFAULT stands for no value in a SELECT.'),
  CurrentOfExpr: construct('There are no cursors here.'),
  BitString: construct('Bit strings are not taken.'),
};

/** What to say of fields that are not in the grammar although their node is. */
export const FIELD_REFUSALS: Readonly<Record<string, Why>> = {
  'SelectStmt.intoClause': { code: 'writes', reason: 'SELECT INTO would make a table.', hint: 'Leave INTO out.' },
  'SelectStmt.lockingClause': {
    code: 'locks',
    reason: 'FOR UPDATE and FOR SHARE would lock rows.',
    hint: 'Leave the clause out.',
  },
  'WithClause.recursive': construct(
    'WITH RECURSIVE is not taken.',
    'Write WITH; for a list of days write generate_series(start, end, step).',
  ),
  'CommonTableExpr.search_clause': construct('SEARCH is not taken.'),
  'CommonTableExpr.cycle_clause': construct('CYCLE is not taken.'),
  'RangeVar.catalogname': {
    code: 'relation_not_allowed',
    reason: 'A relation is not named with its database.',
    hint: 'Write ask.costs.',
  },
  'RangeFunction.is_rowsfrom': construct('ROWS FROM is not taken.', 'Call one function in FROM.'),
  'RangeFunction.coldeflist': construct('A column definition list is not taken.'),
  'JoinExpr.join_using_alias': construct('An alias after USING is not taken.', 'Write the condition with ON.'),
  'SortBy.useOp': construct('ORDER BY ... USING is not taken.', 'Write ASC or DESC.'),
  'FuncCall.func_variadic': construct('VARIADIC is not taken.', 'List the arguments.'),
  'A_Const.bsval': construct('Bit strings are not taken.'),
  'ResTarget.indirection': construct('A result is not named with a field.'),
  'TypeName.setof': construct('SETOF names no type of a value.'),
  'TypeName.pct_type': construct('%TYPE is not taken.', 'Name the type.'),
};
