import { escapeHtml, page } from './page.ts';

interface Media {
  schema?: unknown;
}

interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: unknown; description?: string }[];
  requestBody?: { content: Record<string, Media> };
  responses?: Record<string, { description?: string; content?: Record<string, Media> }>;
}

/** What of an OpenAPI 3.1 document the page shows. */
export interface OpenApi {
  info: { title: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown> };
}

/** The API as one HTML page without script: routes by tag, their parameters, bodies and responses, then the shapes. */
export function renderDocs(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = (api.tags ?? []).map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(name));
    return own.length === 0 ? '' : `<h2>${escapeHtml(description ?? name)}</h2>${own.map(renderOperation).join('')}`;
  });
  const shapes = Object.entries(api.components?.schemas ?? {}).filter(([name]) => !name.endsWith('Input'));
  return page(
    `${api.info.title} API`,
    `<h1>${escapeHtml(api.info.title)} API</h1><p>${prose(api.info.description ?? '')}</p>
<p><a href="/api/openapi.json">OpenAPI document</a> · <a href="/">Back to the chat</a></p>
${sections.join('')}
<h2>Shapes</h2>${shapes.map(([name, schema]) => renderShape(name, schema)).join('')}`,
  );
}

function renderOperation({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const body = Object.entries(operation.requestBody?.content ?? {});
  const responses = Object.entries(operation.responses ?? {});
  return `<details><summary><b>${escapeHtml(method.toUpperCase())}</b> <code>${escapeHtml(path)}</code> <span>${escapeHtml(operation.summary ?? '')}</span></summary>
${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
${renderParameters(operation.parameters ?? [])}
${body.map(([type, media]) => `<h3>Body <code>${escapeHtml(type)}</code></h3>${renderSchema(media.schema)}`).join('')}
${responses.map(([status, response]) => renderResponse(status, response)).join('')}</details>`;
}

function renderResponse(status: string, response: NonNullable<Operation['responses']>[string]): string {
  const content = Object.entries(response.content ?? {});
  const about = response.description === 'Default Response' ? '' : prose(response.description ?? '');
  const media = content.map(([type, { schema }]) => `<p><code>${escapeHtml(type)}</code></p>${renderSchema(schema)}`);
  return `<h3>${escapeHtml(status)}</h3>${about ? `<p>${about}</p>` : ''}${media.join('')}`;
}

function renderParameters(parameters: NonNullable<Operation['parameters']>): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    (parameter) =>
      `<tr><th scope="row"><code>${escapeHtml(parameter.name)}</code></th><td>${escapeHtml(parameter.in)}${parameter.required ? ', required' : ''}</td><td>${typeOf(parameter.schema)}</td><td>${prose(parameter.description ?? '')}</td></tr>`,
  );
  return `<h3>Parameters</h3><div class="scroll"><table>${rows.join('')}</table></div>`;
}

function renderShape(name: string, schema: unknown): string {
  // The target stands inside, because browsers open a closed part for what is in it, not for itself.
  return `<details><summary><code>${escapeHtml(name)}</code></summary><div id="${escapeHtml(name)}">${renderSchema(schema)}</div></details>`;
}

function renderSchema(schema: unknown): string {
  const reference = referenceOf(schema);
  if ((schema as { type?: unknown } | undefined)?.type === 'string') return '<p>Text.</p>';
  if (reference !== undefined) return `<p><a href="#${escapeHtml(reference)}">${escapeHtml(reference)}</a></p>`;
  return `<pre tabindex="0">${escapeHtml(JSON.stringify(schema ?? {}, null, 2))}</pre>`;
}

function referenceOf(schema: unknown): string | undefined {
  const reference = (schema as { $ref?: unknown } | undefined)?.$ref;
  return typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
}

function typeOf(schema: unknown): string {
  const { type, minimum, maximum, default: preset, enum: choices } = (schema ?? {}) as Record<string, unknown>;
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}` : '';
  const named = Array.isArray(choices) ? choices.join(' | ') : `${type ?? ''}${range}`;
  return escapeHtml(`${named}${preset === undefined ? '' : `, default ${JSON.stringify(preset)}`}`);
}

/** Text with `code` in backquotes, as HTML. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
