/** The OpenAPI document for people: every call with what it takes, what it answers, and a `curl` that works. */
import type { ExampleCall } from './example-calls.ts';

type Json = Readonly<Record<string, unknown>>;

interface Call {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: Json }>> }
    >
  >;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

/** @param document what `openApi` makes */
export const apiMarkdown = (document: Json, examples: readonly ExampleCall[]): string => {
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Call>>>>;
  const calls = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, call]) => [
        call.operationId,
        { line: `${method.toUpperCase()} ${path}`, call },
      ]),
    ),
  );
  const { description } = document['info'] as { readonly description: string };
  const tags = document['tags'] as readonly { readonly name: string; readonly description: string }[];
  const told = new Set<string>();
  const sections = examples.map((example) => {
    const found = calls.get(example.name);
    if (!found) throw new TypeError(`there is no call ${example.name}`);
    const [tag = ''] = found.call.tags;
    const heading = told.has(tag) ? '' : `## ${tag}\n\n${tags.find(({ name }) => name === tag)?.description ?? ''}\n\n`;
    told.add(tag);
    return heading + sectionOf(found.line, found.call, example);
  });
  return `${[head(description), ...sections, bodies(document)].join('\n')}`;
};

const head = (description: string): string => `# The HTTP API

<!-- Made by \`npm run docs:api\` from the schemas that check what comes in. A test fails while it is stale, and runs every command below in this order. -->

${description}

The same as an OpenAPI 3.1 document: \`GET /openapi.json\`. Questions about events have a page of their own: [query.md](query.md).

On one machine \`sluice start\` answers all of it. On AWS it is divided between two functions, and every instance of them counts its callers on its own: a key may ask
more there than \`RateLimit\` says. In front of both, API Gateway lets through 100 requests a second of all callers together (200 at once), and answers 429 itself beyond that.
Without a valid key an address may ask 60 times a minute; behind a proxy all have one address, and keys that were right before are let in all the same.

The commands need these. The first key is made on the machine that holds the state; the receiver is yours.

\`\`\`sh
export SLUICE=\${SLUICE:-http://127.0.0.1:3000} RECEIVER=\${RECEIVER:-https://hooks.example.com/sluice}
export KEY=\${KEY:-$(npx sluice keys create --tenant aurora --scope events:read --scope subscriptions:write --scope keys:write)}
export OPERATOR=\${OPERATOR:-$(npx sluice keys create --tenant '*' --scope operator)}
field() { node -p "JSON.parse(fs.readFileSync(0, 'utf8'))$1"; } # a field of what an answer holds
once() { node -p "'Idempotency-Key: ' + crypto.randomUUID()"; }
\`\`\`
`;

const sectionOf = (line: string, call: Call, { says, sh }: ExampleCall): string => {
  const parts = [
    `### ${call.summary}`,
    `\`${line}\``,
    call.description,
    parametersTable(call.parameters ?? []),
    bodyLine(call),
    [says, `\`\`\`sh\n${sh}\n\`\`\``].filter((part) => part !== undefined).join('\n\n'),
    answersTable(call),
  ];
  return `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;
};

const parametersTable = (parameters: readonly Parameter[]): string =>
  parameters.length === 0
    ? ''
    : table(
        ['parameter', 'in', 'what it is'],
        parameters.map((each) => [
          `\`${each.name}\``,
          each.in,
          [each.required && each.in === 'header' ? 'Needed.' : '', each.description ?? '', limitsOf(each.schema)]
            .filter(Boolean)
            .join(' '),
        ]),
      );

const limitsOf = ({ minimum, maximum, default: usual }: Json): string =>
  minimum === undefined || maximum === undefined
    ? ''
    : `${String(minimum)} to ${String(maximum)}${usual === undefined ? '' : `, default ${String(usual)}`}.`;

const bodyLine = ({ requestBody }: Call): string => {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return content ? `Body: ${linkTo(content.schema)}${type === 'application/json' ? '' : ` (\`${type}\`)`}.` : '';
};

const answersTable = ({ responses }: Call): string =>
  table(
    ['status', 'answer'],
    Object.entries(responses)
      .filter(([, { description }]) => description !== undefined)
      .map(([status, { description = '', content = {} }]) => {
        const [{ schema } = {}] = Object.values(content);
        return [status, `${description}${schema && Number(status) < 400 ? ` ${linkTo(schema)}` : ''}`];
      }),
  );

const nameOf = (schema: Json): string =>
  String(schema['$ref'] ?? '')
    .split('/')
    .at(-1) ?? '';
const linkTo = (schema: Json): string => `[${nameOf(schema)}](#${nameOf(schema).toLowerCase()})`;

/** The bodies that can be sent and received, one heading each. */
const bodies = (document: Json): string => {
  const { schemas } = document['components'] as { readonly schemas: Readonly<Record<string, Json>> };
  return ['## Bodies and answers', ...Object.entries(schemas).map(([name, of]) => bodyOf(name, of))]
    .join('\n\n')
    .concat('\n');
};

const bodyOf = (name: string, of: Json): string => {
  const variants = (of['oneOf'] as readonly Json[] | undefined) ?? [of];
  const tables = variants.map((each) => fieldsTable(each)).filter((each) => each !== '');
  const [example] = (of['examples'] as readonly unknown[] | undefined) ?? [];
  return [
    `### ${name}`,
    String(of['description'] ?? ''),
    ...tables,
    example === undefined ? '' : `\`\`\`json\n${JSON.stringify(example)}\n\`\`\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};

const fieldsTable = ({
  properties = {},
  required = [],
}: {
  readonly properties?: unknown;
  readonly required?: unknown;
}): string => {
  const fields = Object.entries(properties as Readonly<Record<string, Json>>);
  const needed = new Set(required as readonly string[]);
  return fields.length === 0
    ? ''
    : table(
        ['field', 'form', 'what it is'],
        fields.map(([name, of]) => [
          `\`${name}\`${needed.has(name) ? '' : ', may be absent'}`,
          formOf(of),
          [String(of['description'] ?? ''), limitsOf(of)].filter(Boolean).join(' '),
        ]),
      );
};

const formOf = (of: Json): string => {
  if (of['$ref'] !== undefined) return linkTo(of);
  if (of['const'] !== undefined) return `\`${String(of['const'])}\``;
  const words = of['enum'] as readonly unknown[] | undefined;
  if (words) return words.map((each) => `\`${String(each)}\``).join(', ');
  const variants = (of['anyOf'] ?? of['oneOf']) as readonly Json[] | undefined;
  if (variants) return [...new Set(variants.map(formOf))].join(' or ');
  if (of['type'] === 'array') return `list of ${formOf((of['items'] as Json | undefined) ?? {})}`;
  if (of['format'] === 'date-time') return 'instant';
  return String(of['type'] ?? 'any value')
    .replace('integer', 'whole number')
    .replace('string', 'text');
};

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n');
