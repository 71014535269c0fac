/** The names, of values and of types, that an entry of the package gives its users. */

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { entries } from '../../scripts/entries.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  noLib: true,
  types: [],
};

/** A host that reads our own files alone: the types of packages and of the language take seconds, and name nothing of ours. */
function ownFilesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, file) =>
    literals.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, file, options, host) : { resolvedModule: undefined },
    );
  return host;
}

/** Hand-written public names by entry; those that `npm run generate` makes of the schemas are left out. */
export function handWrittenNames(): ReadonlyMap<string, readonly string[]> {
  const files = entries.map(({ source }) => root + source);
  const program = ts.createProgram(files, options, ownFilesOnly());
  const checker = program.getTypeChecker();
  const isGenerated = (symbol: ts.Symbol): boolean => {
    const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const [declaration] = original.declarations ?? [];
    if (declaration === undefined) throw new Error(`${symbol.name} is exported and declared nowhere`);
    return declaration.getSourceFile().fileName.includes('/src/generated/');
  };
  return new Map(
    entries.map(({ specifier, source }) => {
      const file = program.getSourceFile(root + source);
      const module = file && checker.getSymbolAtLocation(file);
      if (module === undefined) throw new Error(`${source} is no module`);
      const names = checker.getExportsOfModule(module).filter((symbol) => !isGenerated(symbol));
      return [specifier, names.map(({ name }) => name).sort()];
    }),
  );
}
