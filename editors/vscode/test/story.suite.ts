/** The story of a user: open, break something, see it, look at the repair, take it, and all is well. */

import * as assert from 'node:assert';
import * as vscode from 'vscode';
import type { Api } from '../src/extension';
import type { Verdict } from '../src/protocol';
import { nonEmpty, say, until } from './waiting';

const failing = 'test_shop.py::test_total';
const right = 'prices[name] * count';
const wrong = 'prices[name] + count';

suite('a session', () => {
    let api: Api;
    let shop: vscode.TextDocument;

    function file(name: string): vscode.Uri {
        return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
    }

    function verdict(id: string): Verdict | undefined {
        return api.explorer.folders[0]?.tests.find((one) => one.id === id)?.verdict;
    }

    async function write(before: string, after: string): Promise<void> {
        const start = shop.positionAt(shop.getText().indexOf(before));
        const range = new vscode.Range(start, start.translate(0, before.length));
        const edit = new vscode.WorkspaceEdit();
        edit.replace(shop.uri, range, after);
        assert.ok(await vscode.workspace.applyEdit(edit));
        await save();
    }

    /** Save as a user does: once more where the text changed while it was written. */
    async function save(): Promise<void> {
        await until('a saved text', async () => shop.save());
    }

    function errors(name: string): vscode.Diagnostic[] {
        const found = vscode.languages.getDiagnostics(file(name));
        return found.filter((one) => one.severity === vscode.DiagnosticSeverity.Error);
    }

    function tabs(label: RegExp): vscode.Tab[] {
        return vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => label.test(tab.label));
    }

    async function allGreen(): Promise<void> {
        await until('three passed', () => api.server.status?.folders[0]?.passed === 3);
        await until('the Testing view knows', () => verdict(failing) === 'passed');
        assert.deepStrictEqual(errors('test_shop.py'), []);
    }

    test('activation does not wait for the server', async () => {
        const extension = vscode.extensions.getExtension<Api>('tracemend.tracemend');
        assert.ok(extension, 'the extension is there');
        api = await extension.activate(); // The workspace has activated it already.
        say(`      ready after ${api.ready.after_ms} ms, the server ${api.ready.server}`);
        assert.notStrictEqual(api.ready.server, 'running');
        shop = await vscode.workspace.openTextDocument(file('shop.py'));
        await vscode.window.showTextDocument(shop);
    });

    test('everything runs and passes', allGreen);

    test('the Testing view has the ids of pytest', () => {
        const ids: string[] = [];
        function collect(items: vscode.TestItemCollection): void {
            items.forEach((item) => (item.children.size > 0 ? collect(item.children) : ids.push(item.id)));
        }
        collect(api.explorer.items);
        const nothing = 'test_shop.py::TestEmpty::test_nothing';
        assert.deepStrictEqual(ids, [failing, `${nothing}[none]`, `${nothing}[some]`]);
    });

    test('a bug is seen where it fails', async () => {
        await write(right, wrong);
        const [error] = await until('a failing line', () => nonEmpty(errors('test_shop.py')));
        assert.strictEqual(error!.source, 'tracemend');
        assert.strictEqual(error!.range.start.line, 6);
        await until('the Testing view knows', () => verdict(failing) === 'failed');
    });

    test('values stand beside the code', async () => {
        const everywhere = new vscode.Range(0, 0, shop.lineCount, 0);
        const label = await until('values', async () => {
            const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
                'vscode.executeInlayHintProvider', shop.uri, everywhere,
            );
            return hints.map((one) => String(one.label)).find((one) => one.includes('amount = 6'));
        });
        assert.ok(label);
    });

    test('the lightbulb has a proven repair', async () => {
        const action = await until('a repair', async () => {
            const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
                'vscode.executeCodeActionProvider', shop.uri, new vscode.Range(3, 8, 3, 8),
                vscode.CodeActionKind.QuickFix.value, 10,
            );
            return actions.find((one) => one.title.startsWith('Repair:'));
        });
        assert.match(action.title, /mends test_total, 3 tests pass/);
        assert.ok(action.edit?.has(shop.uri), 'resolved to an edit');
    });

    test('lenses say what fails', async () => {
        await vscode.window.showTextDocument(file('test_shop.py'));
        const titles = await until('lenses', async () => {
            const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
                'vscode.executeCodeLensProvider', file('test_shop.py'), 20,
            );
            const found = lenses.map((one) => one.command?.title);
            return found.includes('Run (failed)') ? found : undefined;
        });
        assert.ok(titles.includes('Trace'), String(titles));
    });

    test('the explanation is a rendered page', async () => {
        await vscode.commands.executeCommand('tracemend.explainFailure');
        const [tab] = await until('the page', () => nonEmpty(tabs(/Why test_total fails/)));
        assert.ok(tab!.input instanceof vscode.TabInputCustom && tab!.input.viewType.includes('markdown.preview'));
        await vscode.window.tabGroups.close(tab!);
    });

    test('the preview shows the repair and changes nothing', async () => {
        await vscode.commands.executeCommand('tracemend.previewRepairs');
        const [diff] = await until('the diff', () => nonEmpty(tabs(/Repair 1 of \d+: shop.py/)));
        assert.ok(diff!.input instanceof vscode.TabInputTextDiff);
        const proposed = await vscode.workspace.openTextDocument(diff!.input.modified);
        assert.ok(proposed.getText().includes(right), proposed.getText());
        assert.ok(shop.getText().includes(wrong));
        await until('the evidence', () => tabs(/Evidence/).length === 1);
    });

    test('the next repair takes the place of the first, and closing leaves nothing', async () => {
        await vscode.commands.executeCommand('tracemend.nextRepair');
        await until('one diff', () => tabs(/Repair \d+ of \d+: shop.py/).length === 1);
        await vscode.commands.executeCommand('tracemend.discardRepair');
        await until('no diff', () => tabs(/Repair \d+ of/).length === 0);
        assert.ok(shop.getText().includes(wrong));
    });

    test('taking it mends the buffer, and one undo takes it back', async () => {
        await vscode.commands.executeCommand('tracemend.previewRepairs');
        await vscode.commands.executeCommand('tracemend.applyRepair');
        await until('the mended text', () => shop.getText().includes(right));
        await until('no diff', () => tabs(/Repair \d+ of/).length === 0);
        await vscode.window.showTextDocument(shop);
        await vscode.commands.executeCommand('undo');
        await until('the text before', () => shop.getText().includes(wrong));
        await vscode.commands.executeCommand('redo');
        await until('the mended text again', () => shop.getText().includes(right));
    });

    test('and after a save all is green', async () => {
        await save();
        await allGreen();
        assert.ok(shop.getText().includes(right));
    });

    test('names of known type are completed', async () => {
        const labels = await until('names', async () => {
            const list = await vscode.commands.executeCommand<vscode.CompletionList>(
                'vscode.executeCompletionItemProvider', shop.uri, new vscode.Position(3, 8),
            );
            const found = list.items.map((one) => String(one.label));
            return found.includes('amount') && found.includes('total') ? found : undefined;
        });
        assert.ok(labels.indexOf('amount') < labels.indexOf('total'), String(labels.slice(0, 10)));
    });

    test("the model's text stands at the cursor, and is taken by one key", async () => {
        const editor = await vscode.window.showTextDocument(shop);
        const end = shop.positionAt(shop.getText().length);
        await editor.edit((builder) => builder.insert(end, '\n\ndef receipt(cart, prices):\n    return '));
        const cursor = shop.positionAt(shop.getText().length);
        editor.selection = new vscode.Selection(cursor, cursor);
        let pause_ms = 0;
        await until('the text of the model', async () => {
            pause_ms += 1000; // The longer, the busier the machine: asking again ends the question before.
            await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
            await new Promise((resolve) => setTimeout(resolve, pause_ms));
            await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
            return shop.getText().endsWith('return f"Total: {total(cart, prices)}"');
        });
        await vscode.commands.executeCommand('workbench.action.files.revert');
    });

    test('the run button runs one test', async () => {
        const before = api.explorer.folders[0]!.tests.find((one) => one.id === failing)!.run!;
        await vscode.commands.executeCommand('testing.runAll');
        await until('a newer verdict', () => {
            const now = api.explorer.folders[0]?.tests.find((one) => one.id === failing);
            return now?.verdict === 'passed' && (now.run ?? 0) > before;
        });
    });

    test('a restart of the server finds everything again', async () => {
        await vscode.commands.executeCommand('tracemend.restartServer');
        await allGreen();
    });

    test('a server that is not there is told, and the right one is taken as soon as it is named', async () => {
        const name = (path: string | undefined) =>
            vscode.workspace.getConfiguration('tracemend').update('server.path', path, vscode.ConfigurationTarget.Workspace);
        await name('/nowhere/tracemend');
        await until('no server', () => api.server.state === 'failed');
        assert.strictEqual(api.server.status, undefined);
        await name(undefined);
        await allGreen();
    });
});
