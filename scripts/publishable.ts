// Refuses to publish until package.json says where the project lives: links of the README and provenance need it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, '..', 'package.json');
const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const missing = ['repository', 'bugs', 'homepage'].filter((name) => manifest[name] === undefined);
if (missing.length > 0) {
  console.error(
    `not published: set ${missing.join(', ')} in package.json first, to the addresses of the repository and its issues`,
  );
  process.exitCode = 1;
}
