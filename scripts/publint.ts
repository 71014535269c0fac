// Runs publint on what would be published; every message fails, save one that is wrong for us.

import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const { messages, pkg = {} } = await publint({
  pkgDir: join(import.meta.dirname, '..'),
  pack: 'npm',
  strict: true,
});
// publint says that Node ignores "imports" of a nested package.json. Node takes the nearest package.json of the
// importing file, as esbuild and Rolldown do; test/package imports both builds, which need it for `#platform`.
const wrong = messages.filter(
  ({ code, args }) => !(code === 'NESTED_PACKAGE_JSON_FIELD_IGNORED' && args.field === 'imports'),
);
for (const message of wrong)
  console.error(`${message.type}: ${formatMessage(message, pkg, { color: false })}`);
if (wrong.length > 0) process.exitCode = 1;
