// Builds dist: tsc once for each of ESM, CommonJS and types, and a package.json that tells Node which is which.
//
// What is installed is kept small, and quick to load. The comments are in the types. Those are there once: a module may
// import the types of a CommonJS one, but not the other way round. What is generated is most of the code, and nobody
// reads it there. It is there twice: a module that imports it as CommonJS takes 80 ms longer, in which Node looks for the
// names. The other modules are bundled, because Node takes its time for every one of them.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin, transform } from 'esbuild';
import { entries } from './entries.js';

const root = join(import.meta.dirname, '..');
const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
const run = promisify(execFile);

const builds = [
  { folder: 'dist/esm', type: 'module', format: 'esm' },
  { folder: 'dist/cjs', type: 'commonjs', format: 'cjs' },
] as const;
const configs = ['tsconfig.build.json', 'tsconfig.cjs.json', 'tsconfig.types.json'];
const names = entries.map(({ source }) => basename(source, '.ts'));

// Node looks up `#platform` in the package.json that is nearest to the importing file: the one of each build says
// what the package's own says of src/.
const { imports: ofSources } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  imports: unknown;
};
const imports: unknown = JSON.parse(
  JSON.stringify(ofSources).replaceAll(/"\.\/src\/([^"]+)\.ts"/g, '"./$1.js"'),
);

async function minifyGenerated({ folder, format }: (typeof builds)[number]): Promise<void> {
  const generated = join(root, folder, 'generated');
  for (const name of readdirSync(generated).filter((file) => file.endsWith('.js'))) {
    const file = join(generated, name);
    // A format makes the names at the top ones of the file alone, so that they can be short.
    const { code } = await transform(readFileSync(file, 'utf8'), { minify: true, format, target: 'es2022' });
    writeFileSync(file, code);
  }
}

/** Leaves what is generated in its folder, beside all bundles. */
const generatedApart: Plugin = {
  name: 'generated-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/generated\/[a-z]+\.js$/ }, ({ path }) => ({
      path: `./generated/${posix.basename(path)}`,
      external: true,
    }));
  },
};

/** Makes few modules of those of the ESM build: one for each entry, and what they share. */
async function bundleModules(): Promise<void> {
  const folder = join(root, 'dist/esm');
  await build({
    absWorkingDir: folder,
    entryPoints: names.map((name) => `${name}.js`),
    outdir: '.',
    allowOverwrite: true,
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    external: ['#platform'],
    plugins: [generatedApart],
    logLevel: 'warning',
  });
  // Named by the package.json there, or imported by the bundles.
  const kept = ['platform', 'generated'];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !kept.includes(entry.name))
      rmSync(join(folder, entry.name), { recursive: true });
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  const compile = (config: string) => run(process.execPath, [tsc, '-p', config], { cwd: root });
  await Promise.all(configs.map(compile));
  await Promise.all(builds.map(minifyGenerated));
  await bundleModules();
  // Of ajv's code, of which no other type speaks.
  rmSync(join(root, 'dist/cjs/generated/validators.d.ts'));
  for (const name of names) {
    writeFileSync(join(root, `dist/esm/${name}.d.ts`), `export * from '../cjs/${name}.js';\n`);
  }
  // Last, so that a build that was cut short is not taken for a finished one.
  for (const { folder, type } of builds) {
    const text = JSON.stringify({ type, sideEffects: false, imports }, undefined, 2);
    writeFileSync(join(root, folder, 'package.json'), `${text}\n`);
  }
} catch (thrown) {
  // tsc writes what is wrong to its standard output.
  const { stdout = '' } = thrown as { stdout?: string };
  console.error(stdout === '' ? thrown : stdout);
  process.exitCode = 1;
}
