// The entries of the package: one for each subpath of `exports` in package.json that is code, from src/<name>.ts.

import { readFileSync } from 'node:fs';

const { name, exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  name: string;
  exports: Record<string, string | { readonly import: string }>;
};

/** One entry of the package. */
export interface Entry {
  /** What users import, such as `qcloud-im-callback/core`. */
  readonly specifier: string;
  /** Its file, relative to the root of this package, such as `src/core.ts`. */
  readonly source: string;
}

export const entries: readonly Entry[] = Object.entries(exports).flatMap(([subpath, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          specifier: `${name}${subpath.slice(1)}`,
          source: target.import.replace(/^\.\/dist\/esm\/(.+)\.js$/, 'src/$1.ts'),
        },
      ],
);
