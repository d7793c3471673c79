import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../config.ts';
import { tools } from './registry.ts';

interface Field {
  description?: string;
  default?: unknown;
}

const fieldsOf = (tool: (typeof tools)[number]): [string, Field][] => {
  const schema = z.toJSONSchema(tool.input, { io: 'input' }) as { properties?: Record<string, Field> };
  return Object.entries(schema.properties ?? {});
};

test('every tool has a name of its own, verb_noun, and is the one its file is named after', () => {
  const names = tools.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const files = readdirSync(join(packageRoot, 'tools'));
  for (const name of names) {
    expect(name).toMatch(/^[a-z]+_[a-z]+$/);
    expect(files).toContain(`${name.replace('_', '-')}.ts`);
  }
});

test('every tool says when to use it and what comes back, and describes each input', () => {
  for (const tool of tools) {
    expect(tool.description).toMatch(/Use it (for|to)/);
    expect(tool.description).toMatch(/Returns/);
    expect(tool.description.length).toBeLessThan(900);
    expect(fieldsOf(tool).filter(([, { description }]) => !description)).toEqual([]);
  }
});

test('docs/tools.md lists exactly the tools there are, with their description and inputs', () => {
  const documented = readFileSync(join(packageRoot, 'docs/tools.md'), 'utf8');
  const sections = documented.split(/^## `/m).slice(1);
  expect(sections.map((section) => section.split('`')[0])).toEqual(tools.map(({ name }) => name));
  for (const [index, tool] of tools.entries()) {
    const section = sections[index] ?? '';
    expect(section).toContain(tool.description);
    const rows = fieldsOf(tool).map(([name, { description, default: value }]) => {
      const shown = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : `\`${value}\``;
      return `| \`${name}\` | ${shown} | ${description} |`;
    });
    expect(section.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
  }
});
