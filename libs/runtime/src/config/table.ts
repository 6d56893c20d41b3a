import {
  describeSchema,
  environmentName,
  nodeOf,
  type Sections,
  settingsOf,
  showPath,
} from './schema-node.ts';

/** The reference of all settings as Markdown, one table per section, for `docs/config.md`. */
export function renderConfigTable(sections: Sections): string {
  const names = Object.keys(sections).sort();
  return `${names.map((name) => renderSection(name, sections)).join('\n')}`;
}

function renderSection(name: string, sections: Sections): string {
  const section = nodeOf(sections[name] as Sections[string]);
  const rows = [...settingsOf(section, [name])].map(({ path, node }) => {
    const required = node.default === undefined ? 'none' : `\`${JSON.stringify(node.default)}\``;
    const meaning = `${node.description ?? ''}${node.secret === true ? ' (secret: never shown)' : ''}`;
    return [
      `\`${showPath(path)}\``,
      describeSchema(node),
      required,
      `\`${environmentName(path)}\``,
      meaning,
    ];
  });
  const lines = [
    `## ${name}`,
    ...(section.description === undefined ? [] : ['', section.description]),
    '',
    '| key | value | default | environment | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.map(escapeCell).join(' | ')} |`),
    '',
  ];
  return lines.join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').trim();
}
