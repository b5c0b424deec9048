import * as assert from 'node:assert';
import * as vscode from 'vscode';
import type { TestsOfFolder } from '../src/protocol';
import { buildTree, idsDownTo, keyOf } from '../src/testTree';

function folder(name: string, ...ids: string[]): TestsOfFolder {
    const tests = ids.map((id, line) => ({ id, line, verdict: 'passed' as const }));
    return { uri: `file:///${name}`, root: `/${name}`, name, tests };
}

function labels(items: vscode.TestItemCollection): unknown[] {
    return [...items].map(([, item]) => (item.children.size > 0 ? [item.label, ...labels(item.children)] : item.label));
}

suite('the tree of tests', () => {
    let controller: vscode.TestController;
    setup(() => (controller = vscode.tests.createTestController('tracemend-test', 'test')));
    teardown(() => controller.dispose());

    const ids: [string, string[]][] = [
        ['t.py::test_a', ['t.py', 't.py::test_a']],
        ['a/t.py::TestA::test_b', ['a/t.py', 'a/t.py::TestA', 'a/t.py::TestA::test_b']],
        ['t.py::test_a[x::y]', ['t.py', 't.py::test_a', 't.py::test_a[x::y]']],
        ['t.py::test_a[a/b]', ['t.py', 't.py::test_a', 't.py::test_a[a/b]']],
        ['a[1]/t.py::test_a', ['a[1]/t.py', 'a[1]/t.py::test_a']],
    ];
    for (const [test_, expected] of ids) {
        test(`of ${test_}`, () => assert.deepStrictEqual(idsDownTo(test_), expected));
    }

    test('goes from files to parameters', () => {
        buildTree(controller, [folder('shop', 't.py::test_a', 't.py::TestB::test_c[1]', 't.py::TestB::test_c[2]')]);
        assert.deepStrictEqual(labels(controller.items), [['t.py', 'test_a', ['TestB', ['test_c', '[1]', '[2]']]]]);
    });

    test('begins with the folders where there are several, and keeps equal ids apart', () => {
        const [shop, bank] = [folder('shop', 't.py::test_a'), folder('bank', 't.py::test_a')];
        const leaves = buildTree(controller, [shop, bank]);
        assert.deepStrictEqual(labels(controller.items), [['shop', ['t.py', 'test_a']], ['bank', ['t.py', 'test_a']]]);
        assert.strictEqual(leaves.get(keyOf(bank, 't.py::test_a'))?.uri?.path, '/bank/t.py');
    });
});
