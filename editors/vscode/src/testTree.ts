/** The tree of the Test Explorer: folders where there are several, files, classes, functions, parameters. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { KnownTest, TestsOfFolder } from './protocol';

/** Make the tree anew and return the item of each test by `keyOf`. Items of a known id keep their results. */
export function buildTree(
    controller: vscode.TestController,
    folders: readonly TestsOfFolder[],
): Map<string, vscode.TestItem> {
    const leaves = new Map<string, vscode.TestItem>();
    const roots: vscode.TestItem[] = [];
    for (const folder of folders) {
        const top = controller.createTestItem(folder.uri, folder.name, vscode.Uri.parse(folder.uri));
        for (const test of folder.tests) {
            leaves.set(keyOf(folder, test.id), addTest(controller, top.children, folder, test));
        }
        roots.push(...(folders.length > 1 ? [top] : [...top.children].map(([, item]) => item)));
    }
    controller.items.replace(roots);
    return leaves;
}

/** Return a name that is unique among all folders. */
export function keyOf(folder: { readonly root: string }, test: string): string {
    return `${folder.root}\0${test}`;
}

/**
 * Return the ids from the file down to the test itself: for `t.py::TestA::test_b[x::y]` these are `t.py`,
 * `t.py::TestA`, `t.py::TestA::test_b` and the whole.
 */
export function idsDownTo(test: string): string[] {
    const bracket = test.indexOf('[', test.indexOf('::'));
    const name = bracket < 0 ? test : test.slice(0, bracket);
    const parts = name.split('::');
    const ids = parts.map((_, index) => parts.slice(0, index + 1).join('::'));
    return bracket < 0 ? ids : [...ids, test];
}

/** Put the item where its code stands; a line that is not known leaves it where it was. */
export function place(item: vscode.TestItem, test: KnownTest): void {
    if (test.line !== null) {
        item.range = new vscode.Range(test.line, 0, test.line, 0);
    }
}

function addTest(
    controller: vscode.TestController,
    top: vscode.TestItemCollection,
    folder: TestsOfFolder,
    test: KnownTest,
): vscode.TestItem {
    const ids = idsDownTo(test.id);
    const file = vscode.Uri.file(path.join(folder.root, ids[0]!));
    let siblings = top;
    let item: vscode.TestItem | undefined;
    let parent = '';
    for (const id of ids) {
        item = siblings.get(id) ?? controller.createTestItem(id, labelOf(id, parent), file);
        siblings.add(item);
        siblings = item.children;
        parent = id;
    }
    place(item!, test);
    return item!;
}

/** Return what an id adds to that of its parent. */
function labelOf(id: string, parent: string): string {
    return id.slice(parent.length).replace(/^::/, '');
}
