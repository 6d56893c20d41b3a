import type { AvroComplex, AvroField, AvroType, Proto } from './proto.ts';

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  double: 'number',
  float: 'number',
  int: 'number',
  long: 'number',
  boolean: 'boolean',
  bytes: 'Uint8Array',
  null: 'null',
};

/** TypeScript types of every record and enum in `proto/`, each named type once. */
export function renderMessages({ schemas }: Proto): string {
  const declarations = new Map<string, string>();
  for (const { schema } of schemas) collect(schema, declarations);
  const body = [...declarations.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join('\n\n');
  return `// Generated from proto/ by \`npm run generate\`. Do not edit.\nimport type { Decimal, EpochUs } from '@cerberus/core';\n\n${body}\n`;
}

function collect(type: AvroType, out: Map<string, string>): string {
  if (typeof type === 'string') return PRIMITIVES[type] ?? type.replace(/^cerberus\./, '');
  if (Array.isArray(type)) {
    const [first, ...rest] = type;
    const branches = first === 'null' ? [...rest, 'null'] : type;
    return branches.map((branch) => collect(branch, out)).join(' | ');
  }
  if (type.logicalType === 'decimal') return 'Decimal';
  if (type.logicalType === 'timestamp-micros') return 'EpochUs';
  switch (type.type) {
    case 'array': {
      const item = collect(type.items!, out);
      return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    case 'map':
      return `Readonly<Record<string, ${collect(type.values!, out)}>>`;
    case 'enum':
      return declare(type, out, () => renderEnum(type));
    case 'record':
      return declare(type, out, () => renderRecord(type, out));
    default:
      return collect(type.type, out);
  }
}

/** A name may stand in many files, but must mean the same thing in each. */
function declare(type: AvroComplex, out: Map<string, string>, render: () => string): string {
  const name = type.name!;
  const text = render();
  const known = out.get(name);
  if (known !== undefined && known !== text)
    throw new Error(`two definitions of ${name} in proto/`);
  out.set(name, text);
  return name;
}

function renderEnum({ name, symbols }: AvroComplex): string {
  const list = symbols!.map((symbol) => `'${symbol}'`).join(', ');
  return `export const ${constantName(name!)} = [${list}] as const;\nexport type ${name} = (typeof ${constantName(name!)})[number];`;
}

function renderRecord({ name, doc, fields }: AvroComplex, out: Map<string, string>): string {
  const lines = fields!.map((field: AvroField) => {
    const comment = field.doc === undefined ? '' : `  /** ${field.doc} */\n`;
    return `${comment}  readonly ${field.name}: ${collect(field.type, out)};`;
  });
  return `/** ${doc ?? name} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

/** `OrderStatus` → `ORDER_STATUS_VALUES`. */
function constantName(name: string): string {
  return `${name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_VALUES`;
}
