import { AIMessage, type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { describe, expect, test } from 'vitest';
import { ESTATE } from './estate.fixture.ts';
import { OfflineModel } from './model.ts';

const NOW = new Date('2026-01-15T10:00:00Z');
const model = new OfflineModel({ catalog: ESTATE, now: NOW });

const ask = async (...messages: BaseMessage[]): Promise<AIMessage> => {
  const message = (await model.invoke(messages)) as AIMessage;
  return message;
};

const RESULT = JSON.stringify({
  ref: 'r1',
  status: 'ok',
  period: { start: '2025-12-01', end: '2026-01-01' },
  costBasis: 'effective_cost',
  credits: 'excluded',
  dataThrough: '2026-01-14',
  notes: [],
  facts: { total: { value: '5.00', kind: 'money', unit: 'USD' } },
  tables: [],
});

describe('the offline model as a chat model', () => {
  test('answers a question with tool calls, and their results with text full of placeholders', async () => {
    const question = new HumanMessage('What did EC2 cost last month?');
    const called = await ask(question);
    expect(called.text).toBe('');
    expect(called.tool_calls).toMatchObject([
      {
        name: 'query_costs',
        args: {
          period: 'last month',
          filters: [{ dimension: 'service_name', operator: 'in', values: ['Amazon Elastic Compute Cloud'] }],
        },
      },
    ]);
    const id = called.tool_calls?.[0]?.id ?? '';
    const told = await ask(question, called, new ToolMessage({ tool_call_id: id, content: RESULT }));
    expect(told.tool_calls).toEqual([]);
    expect(told.text).toContain('Amazon EC2 cost {{r1.total}} in December 2025.');
    expect(told.additional_kwargs.followUps).toHaveLength(3);
  });

  test('several questions in one are several calls with ids of their own', async () => {
    const { tool_calls: calls = [] } = await ask(
      new HumanMessage('What are the top 3 services and what are the top 3 accounts?'),
    );
    expect(calls.map(({ name }) => name)).toEqual(['query_costs', 'query_costs']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  test('streams what it would have said at once', async () => {
    const question = [new HumanMessage('daily S3 cost last week')];
    const streamed = async (messages: BaseMessage[]): Promise<AIMessageChunk> => {
      let whole: AIMessageChunk | undefined;
      for await (const chunk of await model.stream(messages)) whole = whole === undefined ? chunk : whole.concat(chunk);
      if (whole === undefined) throw new Error('nothing was streamed');
      return whole;
    };
    const [calls, once] = [await streamed(question), await ask(...question)];
    expect(calls.tool_calls).toEqual(once.tool_calls);
    const declined = [new HumanMessage('How much CO2 did we emit?')];
    const [text, said] = [await streamed(declined), await ask(...declined)];
    expect(text.text).toBe(said.text);
    expect(text.additional_kwargs).toMatchObject({
      answerStatus: 'refused',
      followUps: said.additional_kwargs.followUps,
    });
  });

  test('says whether it asks back or declines', async () => {
    expect((await ask(new HumanMessage('Show me data'))).additional_kwargs.answerStatus).toBe('clarify');
    expect((await ask(new HumanMessage('Delete everything'))).additional_kwargs.answerStatus).toBe('refused');
  });

  test('goes on from what earlier turns called', async () => {
    const before = await ask(new HumanMessage('What did EC2 cost in December?'));
    const next = await ask(
      new HumanMessage('What did EC2 cost in December?'),
      before,
      new ToolMessage({ tool_call_id: before.tool_calls?.[0]?.id ?? '', content: RESULT }),
      new AIMessage('Amazon EC2 cost $5.00.'),
      new HumanMessage('and by account?'),
    );
    expect(next.tool_calls).toMatchObject([{ args: { period: 'December 2025', groupBy: ['sub_account_id'] } }]);
  });

  test('looks up names that only resources have', async () => {
    const { tool_calls: calls } = await ask(new HumanMessage('what did ledger-worker-7 cost last month'));
    expect(calls).toMatchObject([
      {
        args: {
          period: 'last month',
          filters: [{ dimension: 'resource_id', operator: 'in', values: ['i-0a1b2c3d4e5f60718'] }],
        },
      },
    ]);
    const unknown = await ask(new HumanMessage('what did ledger-worker-8 cost last month'));
    expect(unknown.additional_kwargs.answerStatus).toBe('refused');
  });

  test('a result that cannot be read ends in words, not in an exception', async () => {
    const question = new HumanMessage('What did EC2 cost last month?');
    const called = await ask(question);
    const broken = new ToolMessage({
      tool_call_id: called.tool_calls?.[0]?.id ?? '',
      content: '{"ref": "r1", "status": 7',
    });
    expect((await ask(question, called, broken)).text).toMatch(/^I could not get that\./);
  });

  test('an estate without any data or names still gets an answer to everything', async () => {
    const empty = new OfflineModel({
      now: NOW,
      catalog: {
        services: [],
        accounts: [],
        regions: [],
        tagKeys: [],
        instanceTypes: [],
        usageTypes: [],
        currencies: [],
        dataFrom: null,
        dataThrough: null,
        findResources: async () => [],
      },
    });
    for (const question of [
      'What did we spend last month?',
      'cost by team',
      'untagged spend',
      'top 5 services',
      'EC2 cost',
      'list accounts',
      'help',
    ]) {
      const message = (await empty.invoke([new HumanMessage(question)])) as AIMessage;
      expect((message.tool_calls?.length ?? 0) > 0 || message.text !== '', question).toBe(true);
    }
  });

  test.each([
    'constructor',
    '__proto__',
    'toString of EC2',
    'hasOwnProperty cost by valueOf',
    '🤑🤑🤑',
    ' ',
    'a'.repeat(4000),
    'cost '.repeat(800),
    '((((',
    '"',
    "what's `",
    'top 99999999999999999999 services',
  ])('a strange question is no trouble: %j', async (question) => {
    const message = await ask(new HumanMessage(question));
    expect((message.tool_calls?.length ?? 0) > 0 || message.text !== '').toBe(true);
  });
});
