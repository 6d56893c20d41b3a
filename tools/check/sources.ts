import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** Below the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'assembly']);

/** Every TypeScript file of libraries, services, tools and benches; tests only where asked. */
export function readSources(root: string, { tests = false } = {}): SourceFile[] {
  const folders = ['libs', 'services', 'tools', 'bench'].map((name) => join(root, name));
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => walk(folder))
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && (tests || !/(^|\/)test\//.test(path)))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, ast: ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true) };
    });
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

export function forEachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => forEachNode(child, visit));
}
