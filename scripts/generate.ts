// Turns schemas/ into src/generated/ and the command table of the READMEs.
// `--check` writes nothing and fails when a file differs from what would be written.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCommands } from './generate/commands.js';
import { loadSchemas, root } from './generate/load.js';
import { generateNormalizers } from './generate/normalizers.js';
import { updateReadme } from './generate/readme.js';
import { generateTypes } from './generate/types.js';
import { generateValidators } from './generate/validators.js';

const schemas = loadSchemas();
const [commands, examples] = generateCommands(schemas).split('@@split@@\n') as [string, string];
const files: Record<string, string> = {
  'src/generated/types.ts': await generateTypes(schemas),
  'src/generated/commands.ts': commands,
  'src/generated/examples.ts': examples,
  'src/generated/normalizers.ts': generateNormalizers(schemas),
  'src/generated/validators.ts': generateValidators(schemas),
};
for (const readme of ['README.md', 'README.zh-CN.md']) {
  const path = join(root, readme);
  if (existsSync(path)) files[readme] = updateReadme(readFileSync(path, 'utf8'), readme.includes('zh'), schemas);
}

const stale = Object.entries(files).filter(
  ([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
);
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`out of date, run \`npm run generate\`: ${stale.map(([file]) => file).join(', ')}`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of stale) writeFileSync(join(root, file), text);
  console.log(`${schemas.commands.size} commands; written: ${stale.map(([file]) => file).join(', ') || 'nothing new'}`);
}
