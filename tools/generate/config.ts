import { renderConfigTable } from '@cerberus/runtime';
import { SECTIONS } from '../../services/cerberus/src/up/sections.ts';

export function renderConfigDocs(): string {
  return `# Configuration

Generated from the schemas of the services by \`npm run generate\`. Values come from, later ones winning: defaults, the YAML file (\`--config\`, \`CERBERUS_CONFIG\` or \`cerberus.yaml\`), where \`\${NAME:default}\` takes an environment variable, the environment variables named below, and options of the command line. A wrong value is refused at start with its key, where it came from and what was expected; so is a key that does not exist.

${renderConfigTable(SECTIONS)}
`;
}
